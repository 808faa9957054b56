"""Build the site, ``make site``: docs/_build/html, from the stored outputs of the lessons; no cell is run.

The lessons, the pages of docs/ and the cards of the data are laid out anew in docs/_build/source, with what a page
without a kernel needs: explorables as places that `joined.script` brings to life, predictions that are judged
where they are asked, alternative texts, links that lead to pages of the site. Sphinx, with MyST-NB, does the rest;
each of its warnings is an error.
"""

import argparse
import base64
import copy
import functools
import html
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell
from sphinx.cmd.build import main as sphinx_build

from conv1d_tutor.exercises import PREDICTIONS
from conv1d_tutor.explainer.torch_says import MESSAGES
from conv1d_tutor.explore import joined
from conv1d_tutor.explore.base import MIME
from tools.colab import colab_copy

ROOT = Path(__file__).resolve().parent.parent
DOCS, BUILD = ROOT / "docs", ROOT / "docs" / "_build"
#: A link of Markdown: what stands before its address, the address, and its anchor.
LINK = re.compile(r"(?<!!)\[(?P<words>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<to>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")
PICTURE = re.compile(r"!\[(?P<alt>[^\]]*)\]\((?P<file>[^)\s]+)\)")


def address() -> str:
    """Find where the repository is published.

    Returns:
        The address in pyproject.toml, such as ``https://github.com/someone/conv1d``; "" while there is none.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project.get("urls", {}).get("Repository", "").rstrip("/")


@functools.cache
def places() -> dict[str, str]:
    """Find the pages of the site.

    Returns:
        Where each lies in the site's source, by its place in the repository; the order is that of the table of
        contents.
    """
    lessons = {f"notebooks/{path.name}": f"lessons/{path.name}" for path in sorted(ROOT.glob("notebooks/*.ipynb"))}
    own = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if BUILD not in path.parents)
    pages = {f"docs/{page}": page.replace("README.md", "index.md") for page in own}
    return lessons | pages | {"data/README.md": "data.md"}


# Texts


def relinked(text: str, page: str, repository: str = "") -> str:
    """Turn the links of a text to pages of the site.

    Args:
        text: Markdown.
        page: its place in the repository.
        repository: the address at which files are seen that are no pages.

    Returns:
        The text; what leads to a file that is no page, and is published nowhere, is no link.
    """
    here = PurePosixPath(page).parent

    def turned(found: re.Match) -> str:
        to, anchor = found["to"], found["anchor"] or ""
        if ":" in to:
            return found[0]
        target = normpath(f"{here}/{to}")
        if target in places():
            to = relpath(places()[target], PurePosixPath(places()[page]).parent)
        elif (DOCS / PurePosixPath(target).name).exists() and target.startswith("docs/"):
            return found[0]  # a file beside the pages, which Sphinx takes along
        elif repository:
            to = f"{repository}/blob/main/{target}"
        else:
            return found["words"]
        return f"[{found['words']}]({to}{anchor})"

    return "\n".join(part if code else LINK.sub(turned, part) for part, code in in_code(text))


def in_code(text: str) -> Iterable[tuple[str, bool]]:
    """Go through the lines of a text, each with whether it stands in a block of code."""
    inside = False
    for line in text.split("\n"):
        fence = line.lstrip().startswith("```")
        yield line, inside or fence
        inside ^= fence


def anchor(title: str) -> str:
    """Name a heading as JupyterLab does, so that one link leads there in a notebook and on the site."""
    return title.replace(" ", "-")


# Lessons


def staged(lesson: nbformat.NotebookNode, page: str, repository: str = "") -> tuple[nbformat.NotebookNode, dict]:
    """Make of a lesson the page that the site shows.

    Args:
        lesson: as it is stored, with its outputs.
        page: its place in the repository.
        repository: see `relinked`.

    Returns:
        The notebook for MyST-NB, and the stills of its explorables: PNG by the name of its file.
    """
    lesson = copy.deepcopy(lesson)
    stem, stills = Path(page).stem, {}
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source, page, repository)
            continue
        if cell.metadata.get("jupyter", {}).get("source_hidden"):  # as JupyterLab folds it
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]
        # A picture says itself what it shows, or its cell does.
        drawn = (output.get("metadata", {}).get("image/png", {}).get("alt") for output in cell.get("outputs", []))
        if alt := cell.metadata.get("alt") or next(filter(None, drawn), ""):
            cell.metadata["mystnb"] = {"image": {"alt": alt}}
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MIME in data:
                name = f"{stem}-{len(stills)}.png"
                stills[name] = base64.b64decode(data["image/png"])
                shown = data[MIME] | output.metadata[MIME]
                still = picture(f"../_static/stills/{name}", output.metadata["image/png"])
                output.metadata = nbformat.NotebookNode()
                output.data = nbformat.from_dict({"text/html": joined.markup(shown, still)})
            elif "text/html" in data:
                data["text/html"] = answerable(data["text/html"])
    lesson.cells.insert(1, new_markdown_cell(ways_to_open(stem, repository)))
    return lesson, stills


def picture(file: str, about: Mapping[str, Any]) -> str:
    """Write a picture that is loaded when it is near, and keeps its place until then."""
    size = f'width="{about["width"]}" height="{about["height"]}"'
    return f'<img src="{file}" alt="{html.escape(about["alt"])}" {size} loading="lazy">'


def ways_to_open(stem: str, repository: str = "") -> str:
    """Write the line below a lesson's title: where it can be run.

    Args:
        stem: the lesson's file without its ending.
        repository: the public address; while there is none, the lesson can be taken along, and no more.
    """
    links = [f'<a href="../_static/lessons/{stem}.ipynb" download>Download this lesson</a>']
    if repository:
        name = repository.removeprefix("https://github.com/")
        colab = f"https://colab.research.google.com/github/{name}/blob/gh-pages/_static/colab/{stem}.ipynb"
        binder = f"https://mybinder.org/v2/gh/{name}/main?urlpath=lab/tree/notebooks/{stem}.ipynb"
        links += [f'<a href="{colab}">Open in Colab</a>', f'<a href="{binder}">Open in Binder</a>']
    said = "This page shows what the cells gave, and its sliders move. To run and change the cells, take it along."
    return f'<p class="ways-to-open">{said} {" · ".join(links)}</p>'


def answerable(shown: str) -> str:
    """Mark what a prediction shows, so that the page can judge a guess; other HTML stays as it is.

    Args:
        shown: the HTML of an output.

    Returns:
        The same, with the right answer and what is said to wrong ones, in a form for comparing only.
    """
    asked = re.search(r"<code>predict\(&quot;([\w.]+)&quot;", shown)
    if not asked:
        return shown
    question = PREDICTIONS[asked[1]]
    said = {
        "answer": question.answer,
        "options": question.options,
        "mistakes": [(mistake.answer, mistake.message) for mistake in question.mistakes],
    }
    written = html.escape(json.dumps(said, default=lambda value: value.tolist(), ensure_ascii=False))
    return f'<div class="prediction" data-prediction="{written}">{shown}</div>'


# The search


def known_messages() -> list[dict[str, Any]]:
    """Read from the index of errors what its pages are found by.

    Returns:
        For each page: ``url``, ``title``, what it ``says`` the message means, whether it is ``of_torch``, the page
        of a message, and its ``wordings``: its title, and the errors of torch that it shows or its pattern fits.
    """
    patterns = {f"torch_says_{known.kind}": known.pattern for known in MESSAGES if not known.aside}
    found = []
    for path in sorted(DOCS.glob("errors/*.md")):
        if path.name == "README.md":
            continue
        text = path.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix("# ").strip("`")
        means = re.search(r"^It means: (.*)", text, re.MULTILINE)
        unwrapped = re.sub(r"\n {14}(?=\S)", " ", text)  # explain's own lines hang below their first words
        said = re.findall(r"^(?:  torch says: )?\w+(?:Error|Exception): (.{1,200})", unwrapped, re.MULTILINE)
        found.append(
            {
                "url": f"errors/{path.stem}.html",
                "title": title,
                "says": means[1].capitalize() if means else "",
                "of_torch": path.stem in patterns,
                "wordings": list(dict.fromkeys([title, *said, *alternatives(patterns.get(path.stem, ""))])),
            }
        )
    return found


def alternatives(pattern: str) -> list[str]:
    """The words of each alternative of a regular expression: how an error is worded that no CPU raises."""
    parts, depth = [""], 0
    for sign in pattern:
        depth += (sign == "(") - (sign == ")")
        parts = [*parts, ""] if sign == "|" and not depth else [*parts[:-1], parts[-1] + sign]
    return [
        " ".join(re.sub(r"\\[a-zA-Z]|\(\?\w*[:!<=]*|[\\^$*+?.()\[\]|]", " ", part).split())
        for part in parts
        if part
    ]


# The whole site


def stage(source: Path, repository: str = "") -> bool:
    """Lay out what Sphinx reads; what has not changed is left alone, so that a second build is short.

    Args:
        source: the folder.
        repository: the public address.

    Returns:
        Whether a page or a file is no longer there.
    """
    files: dict[str, bytes] = {}
    for page, place in places().items():
        path = ROOT / page
        if path.suffix == ".md":
            text = relinked(path.read_text(encoding="utf-8"), page, repository)
            text = text.replace("lessons/*\n", contents())
            # The index of errors leads to its pages; a table of contents with all of them would fill every page.
            front = (
                "---\norphan: true\n---\n\n" if place.startswith("errors/") and place != "errors/index.md" else ""
            )
            files[place] = (front + text).encode()
            continue
        lesson = nbformat.read(path, as_version=4)
        shown, stills = staged(lesson, page, repository)
        files[place] = nbformat.writes(shown).encode()
        files |= {f"_static/stills/{name}": still for name, still in stills.items()}
        files[f"_static/lessons/{path.name}"] = path.read_bytes()
        if repository:
            files[f"_static/colab/{path.name}"] = nbformat.writes(colab_copy(lesson, repository)).encode()
    for path in sorted(DOCS.iterdir()):
        if path.is_file() and path.suffix in {".pdf", ".png", ".gif", ".py"}:
            files[path.name] = path.read_bytes()
    for folder in ("_static", "_templates"):
        for path in (DOCS / folder).iterdir():
            files[f"{folder}/{path.name}"] = path.read_bytes()
    files["_static/explorables.js"] = joined.script().encode()
    files["_static/explorables.css"] = joined.style().encode()
    files["_static/messages.js"] = f"const PAGES = {json.dumps(known_messages(), ensure_ascii=False)};\n".encode()
    return write(source, files)


def contents() -> str:
    """Name the lessons for the table of contents, as their texts name each other: by their numbers."""
    lines = []
    for page, place in places().items():
        if page.endswith(".ipynb"):
            title = nbformat.read(ROOT / page, as_version=4).cells[0].source.partition("\n")[0].removeprefix("# ")
            number = re.match(r"\d\d(?=_)", Path(page).name)
            lines.append(f"{number[0]} · {title} <{place}>" if number else f"{title} <{place}>")
    return "\n".join(lines) + "\n"


def write(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Make a folder hold these files and no others; whether some were taken away."""
    gone = [
        path for path in folder.rglob("*") if path.is_file() and path.relative_to(folder).as_posix() not in files
    ]
    for path in gone:
        path.unlink()
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return bool(gone)


def build(folder: Path = BUILD, repository: str | None = None) -> Path:
    """Build the site.

    Args:
        folder: where its source and its pages come to lie.
        repository: the public address; the one in pyproject.toml if None.

    Returns:
        The folder of its pages.

    Raises:
        SystemExit: Sphinx warned of something.
    """
    pages = folder / "html"
    if stage(folder / "source", address() if repository is None else repository):
        for made in (pages, folder / "doctrees"):  # Sphinx takes no page away
            shutil.rmtree(made, ignore_errors=True)
    # In this process: notebooks and torch are imported already.
    failed = sphinx_build(
        [
            "-b",
            "html",
            "-W",
            "--keep-going",
            "-q",
            "-d",
            str(folder / "doctrees"),
            str(folder / "source"),
            str(pages),
        ]
    )
    if failed:
        sys.exit("The site was not built: see the warnings above.")
    return pages


def main() -> None:
    """Build it, anew if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fresh", action="store_true", help="build every page anew")
    if parser.parse_args().fresh:
        shutil.rmtree(BUILD, ignore_errors=True)
    print(f"The site is built: {build() / 'index.html'}")


if __name__ == "__main__":
    main()
