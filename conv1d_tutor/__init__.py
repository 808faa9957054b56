"""Learn PyTorch's Conv1d, and keep the tools for daily work afterwards.

What can be imported from here stands in `__init__.pyi`, with the module it lives in: editors and type checkers
read it too. Importing this package loads neither torch nor matplotlib: a module is imported when it is first used.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
