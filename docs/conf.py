"""How Sphinx builds the site; `tools/make_site.py` lays out what it reads, and calls it."""

import re
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx

project = "Conv1d, understood"
author = "The Conv1d course authors"
copyright = author
html_title = project

extensions = ["myst_nb"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
templates_path = ["_templates"]
exclude_patterns = ["_static", "_templates"]

nb_execution_mode = "off"
nb_render_error_lexer = "myst-ansi"
nb_code_prompt_show, nb_code_prompt_hide = "Show the code", "Hide the code"
nb_mime_priority_overrides = [("html", "text/html", 0)]
myst_heading_anchors = 4

# A name, so that Sphinx can keep it between two builds.
myst_heading_slug_func = "tools.make_site.anchor"

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["explorables.css", "site.css"]
html_js_files = [("search.js", {"defer": "defer"}), ("site.js", {"defer": "defer"})]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": False, "top_of_page_buttons": []}
html_extra_path = ["conv1d_cheat_sheet.pdf"]


def load_late(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Pictures are loaded when they are near."""
    for image in doctree.findall(nodes.image):
        image["loading"] = "lazy"


def add_script(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Only pages with explorables need their script."""
    if doctree and any("conv1d-static" in node.astext() for node in doctree.findall(nodes.raw)):
        app.add_js_file("explorables.js", defer="defer")


#: What is written, and what it should be: two landmarks of one kind need names, a caption is no heading, and
#: the empty corner of a table heads nothing, and what is folded says itself what a click does.
MENDED = {
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="This page">',
    '<p class="caption" role="heading">': '<p class="caption">',
    '<th class="head"><p></p></th>': "<td></td>",
    "<th></th>": "<td></td>",
    '<summary aria-label="Toggle hidden content">': "<summary>",
}


#: A picture that does not say how large it is: until it is loaded, what is below stands higher, and a tap misses.
UNSIZED = re.compile(r'<img (?![^>]*\bwidth=)(?=[^>]*\bsrc="([^"]+\.png)")')


def mend(app: Sphinx, error: Exception | None) -> None:
    """Mend what axe-core finds in the pages, and give pictures their sizes."""
    for path in Path(app.outdir).rglob("*.html"):
        text = mended = path.read_text(encoding="utf-8")
        for old, new in MENDED.items():
            mended = mended.replace(old, new)
        mended = UNSIZED.sub(lambda image, page=path: sized(page.parent / image[1], image[0]), mended)
        if mended != text:
            path.write_text(mended, encoding="utf-8")


def sized(picture: Path, tag: str) -> str:
    """Write the width and height of a picture into its tag."""
    with Image.open(picture) as image:
        return f'{tag}width="{image.width}" height="{image.height}" '


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("doctree-resolved", load_late)
    app.connect("build-finished", mend)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
