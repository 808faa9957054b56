"""What can go wrong, one question a file. Every file here is read, and causes are asked in the order of files."""

from importlib import import_module
from pkgutil import iter_modules

for _file in sorted(file.name for file in iter_modules(__path__)):
    import_module(f"{__name__}.{_file}")
