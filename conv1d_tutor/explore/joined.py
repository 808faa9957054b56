"""How do the files of `page/` become one module, one script and one style, which need no other file?

A widget carries its module as text, and a browser loads no module from a page that was opened from a file. Each
file becomes a function that is called once and returns what the file exports; one file sees nothing of another.
"""

import functools
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..plotting.style import ROLES

PAGE = Path(__file__).resolve().parent / "page"
IMPORT = re.compile(r'^import (?P<names>\{[^}]*\}) from "\./(?P<file>\w+)\.js";\n', re.MULTILINE)
#: Percent of a role's colour in its areas, where not 22: by hue alone, colour-blind readers would not tell a
#: window from a kernel, nor an output from an input.
SHARES = {"window": 40, "output": 40}
EXPORT = re.compile(r"^export (?:async )?(?:const|function) (\w+)", re.MULTILINE)


def kinds() -> dict[str, str]:
    """Find the explorables of the page.

    Returns:
        The file without its ending, by the name of the class: ``{"ConvArithmetic": "conv_arithmetic", …}``.
    """
    files = sorted(path.stem for path in PAGE.glob("*.js") if "export default" in path.read_text(encoding="utf-8"))
    return {file.title().replace("_", ""): file for file in files}


def together(*files: str) -> str:
    """Write files, and before each one those that it imports, as one text.

    Args:
        files: of `page/`, without their endings.

    Returns:
        JavaScript that defines ``$file``, an object of the file's exports, for each of them.
    """
    order: list[str] = []

    def take(file: str) -> None:
        if file in order:
            return
        for found in IMPORT.finditer(_text(file)):
            take(found["file"])
        order.append(file)

    for file in files:
        take(file)
    return "".join(map(_wrapped, order))


@functools.cache
def module(kind: str) -> str:
    """Make the ES module that anywidget loads for one explorable.

    Args:
        kind: the name of its class.

    Returns:
        JavaScript whose default export has ``render``.
    """
    file = kinds()[kind]
    return together("explorable", file) + f"export default $explorable.widget(${file}.default);\n"


@functools.cache
def script() -> str:
    """Make the classic script that brings all explorables of a plain page to life, also from a file.

    Returns:
        JavaScript, to stand after the explorables in the page.
    """
    listed = ", ".join(f"{kind}: ${file}.default" for kind, file in kinds().items())
    before = together("static", *kinds().values())
    return f"(() => {{\n{before}$static.bringToLife({{ {listed} }});\n}})();\n"


@functools.cache
def style() -> str:
    """Make the style sheet: the colours of the roles, and what stands in the file.

    Returns:
        CSS.
    """
    colours, rules = [], []
    for name, role in ROLES.items():
        colours.append(f"  --{name}: {role.colour};")
        # As a thin line, or as words, the colour is nearer to the ink: it must be read on light and on dark paper.
        colours.append(f"  --{name}-line: color-mix(in oklab, {role.colour} 74%, var(--ink));")
        colours.append(
            f"  --{name}-fill: color-mix(in srgb, {role.colour} {SHARES.get(name, 22)}%, var(--paper));"
        )
        fill = f"var(--{name}-hatch, var(--{name}-fill))" if role.hatch else f"var(--{name}-fill)"
        rules.append(f".conv1d .{name} {{ stroke: var(--{name}-line); fill: {fill}; }}")
        rules.append(f".conv1d text.{name} {{ stroke: none; fill: var(--{name}-line); }}")
        rules.append(f".conv1d .{name}.mark {{ fill: var(--{name}-line); }}")
        rules.append(f".conv1d .{name}.curve, .conv1d .{name}.frame, .conv1d .{name}.stem {{ fill: none; }}")
    own = (PAGE / "explorables.css").read_text(encoding="utf-8")
    return "\n".join([".conv1d {", *colours, "}", *rules]) + "\n" + own


def markup(shown: Mapping[str, Any], still: str = "") -> str:
    """Make the place of one explorable in a plain page.

    Args:
        shown: what a notebook stores of it: kind, controls, values, and the data beside them.
        still: HTML of its still picture, which shows where no script runs.

    Returns:
        HTML, for a page with `style` in its head and `script` at its end.
    """
    values = html.escape(json.dumps(shown, ensure_ascii=False, separators=(",", ":")))
    return f'<div class="conv1d-static" data-explorable="{values}">{still}</div>'


def _wrapped(file: str) -> str:
    """Write one file as a function that returns its exports."""
    text = _text(file)
    exports = ", ".join([*EXPORT.findall(text), *(["default: $default"] if "export default" in text else [])])
    text = IMPORT.sub(lambda found: f"const {found['names'].replace(' as ', ': ')} = ${found['file']};\n", text)
    text = re.sub(r"^export default ", "const $default = ", text, flags=re.MULTILINE)
    text = re.sub(r"^export ", "", text, flags=re.MULTILINE)
    return f"const ${file} = (() => {{\n{text}return {{ {exports} }};\n}})();\n"


def _text(file: str) -> str:
    return (PAGE / f"{file}.js").read_text(encoding="utf-8")
