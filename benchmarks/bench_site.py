"""How heavy is the site, how long is it built, and how soon after loading is a page alive?

The site is built anew in a temporary folder. Then each lesson's page is opened from its file in Chromium and timed
from the navigation: until all is loaded, and until its first explorable is drawn and can be moved; a page that has
none is "still". A page's weight is that of its text and explorables; its pictures come when they are near.

Usage: python -m benchmarks.bench_site
"""

import tempfile
import time
from pathlib import Path

from tools.lab import running_chromium
from tools.make_site import build

#: When the first explorable was drawn, in ms of the page's own clock.
WATCH = """
new MutationObserver((_, watch) => {
  if (!document.querySelector('.conv1d .stage svg text')) return;
  window.alive = performance.now();
  watch.disconnect();
}).observe(document, {childList: true, subtree: true});
"""


def megabytes(path: Path) -> float:
    """The size of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def main() -> None:
    """Build, open each lesson, and print a table."""
    with tempfile.TemporaryDirectory() as folder, running_chromium() as browser:
        began = time.perf_counter()
        site = build(Path(folder))
        took, first = time.perf_counter() - began, megabytes(site / "index.html")
        print(f"built in {took:.0f} s: {megabytes(site):.1f} MB, the first page {first:.2f} MB\n")
        print(f"{'lesson':40} {'page, MB':>9} {'loaded, s':>10} {'alive, s':>9}")
        for path in sorted((site / "lessons").glob("*.html")):
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.add_init_script(WATCH)
            page.goto(path.as_uri())
            loaded = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000
            alive = "still"  # there is no explorable on this page
            if page.locator(".conv1d-static").count():
                alive = f"{page.wait_for_function('window.alive').json_value() / 1000:.2f}"
            print(f"{path.stem:40} {megabytes(path):9.2f} {loaded:10.2f} {alive:>9}", flush=True)
            page.close()


if __name__ == "__main__":
    main()
