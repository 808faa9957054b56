"""Time slider moves in a real JupyterLab page: from the key press to the new picture being decoded.

Every explorable stands beside the same picture made with `ipywidgets.interact`, in the same notebook and run, in
two versions: "interact" makes the figure anew for each move, as the usual examples do; "kept" makes it once, and
only draws and shows all of it anew. All three show the same number of pixels. "kernel" is the processor time that
the kernel spends on a move of the explorable.

Usage: python -m benchmarks.bench_sliders [--moves 20]
"""

import argparse
import ast
import math
import statistics
import tempfile
from pathlib import Path

from tools.lab import (
    copy_course,
    open_notebook,
    run_all,
    running_chromium,
    running_lab,
    wait_until_run,
    write_notebook,
)

#: The explorables and the slider that is moved.
EXPLORABLES = {
    "SlidingWindow": "position",
    "KernelBench": "tap_2",
    "ChannelMixer": "position",
    "ConvArithmetic": "length",
    "ReceptiveField": "kernel_size",
    "LayoutLab": "item",
    "LearnedKernels": "patient",
}

SET_UP = """
import time
import numpy as np, torch
from IPython.display import Image, display
from ipywidgets import interact
from conv1d_tutor import explore
from conv1d_tutor.explore import live

def make(name):
    if name != "LearnedKernels":
        return getattr(explore, name)()
    torch.manual_seed(0)
    signals = np.random.default_rng(0).normal(size=(20, 5, 49))
    return explore.LearnedKernels(torch.nn.Conv1d(5, 8, 7), signals)

made_with = {}
def remember(kind):
    start = kind.__init__
    def remembering(self, *arguments):
        made_with[kind] = arguments
        start(self, *arguments)
    kind.__init__ = remembering

for module in vars(explore).values():
    for name, kind in vars(module).items() if hasattr(module, "__file__") else ():
        if name.endswith("Picture"):
            remember(kind)

def with_interact(name, control, anew):
    explorable = make(name)
    keep.append(explorable)
    kind = type(explorable._picture)
    arguments = made_with[kind]
    slider = explorable.controls[control]
    slider.unobserve_all("value")
    def picture():
        made = kind(*arguments)
        made.figure.set_dpi(made.figure.dpi * live.PIXEL_RATIO)
        return made
    explorable._picture = picture()
    def draw(value):
        if anew:
            explorable._picture = picture()
        explorable._settle()
        explorable._draw()
        display(explorable._picture.figure)
    interact(draw, value=slider)

keep = []

work = {}
def timed(name, control):
    explorable = make(name)
    redraw, times = explorable._redraw, []
    def measured():
        start = time.thread_time()
        redraw()
        times.append(time.thread_time() - start)
    explorable._redraw = measured
    work[name] = times
    return explorable
"""

MEASURE = """
async ([index, moves]) => {
  const cell = document.querySelectorAll('.jp-CodeCell')[index];
  const target = [...cell.querySelectorAll('.widget-slider')].find(s =>
    s.querySelector('.widget-label').textContent === LABEL) || cell.querySelector('.widget-slider');
  target.scrollIntoView({block: 'center'});
  const handle = target.querySelector('.noUi-handle');
  const shown = () => [...cell.querySelectorAll('.jp-OutputArea-output img')].map(i => i.src).join();
  const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
  handle.focus();
  const times = [];
  let missed = 0;
  for (let move = 0; move < moves; move++) {
    const right = handle.getAttribute('aria-valuenow') !== handle.getAttribute('aria-valuemax');
    const back = move % 6 >= 3 && handle.getAttribute('aria-valuenow') !== handle.getAttribute('aria-valuemin');
    const key = right && !back ? 'ArrowRight' : 'ArrowLeft';
    const before = shown();
    const start = performance.now();
    const took = await new Promise(resolve => {
      const watch = new MutationObserver(async () => {
        if (shown() === before || !shown()) return;
        watch.disconnect();
        const images = [...cell.querySelectorAll('.jp-OutputArea-output img')];
        await Promise.all(images.map(image => image.decode().catch(() => null)));
        resolve(performance.now() - start);
      });
      watch.observe(cell, {subtree: true, childList: true, attributes: true, attributeFilter: ['src']});
      setTimeout(() => { watch.disconnect(); resolve(null); }, 3000);
      handle.dispatchEvent(new KeyboardEvent('keydown', {key, code: key, bubbles: true}));
    });
    if (took === null) missed++; else times.push(took);
    await pause(150);
  }
  return {times, missed};
}
"""


def main() -> None:
    """Run the notebook, move every slider, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=20, help="key presses for each slider")
    moves = parser.parse_args().moves
    cells = [SET_UP]
    for name, control in EXPLORABLES.items():
        cells += [
            f"timed({name!r}, {control!r})",
            f"with_interact({name!r}, {control!r}, anew=True)",
            f"with_interact({name!r}, {control!r}, anew=False)",
        ]
    cells.append("{name: 1000 * float(np.median(times[1:])) for name, times in work.items()}")
    print("Slider moves in JupyterLab, key press to decoded picture: median of", moves, "moves\n")
    heads = ("live ms", "interact ms", "ratio", "kept ms", "ratio", "missed", "kernel ms")
    print(f"{'explorable':16}", *(f"{head:>11}" for head in heads))
    with tempfile.TemporaryDirectory() as folder, running_chromium() as browser:
        home = copy_course(Path(folder))
        write_notebook(home / "notebooks" / "sliders.ipynb", cells)
        with running_lab(home) as address:
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            open_notebook(page, address, "sliders")
            run_all(page)
            page.wait_for_timeout(2000)  # for what follows in the page
            rows = []
            for number, (name, control) in enumerate(EXPLORABLES.items()):
                label = control.replace("_", " ") if control.startswith("tap") else control
                found = []
                for index in range(1 + 3 * number, 4 + 3 * number):
                    script = MEASURE.replace("LABEL", repr(label))
                    found.append(page.evaluate(script, [index, moves]))
                rows.append((name, *found))
            # the last cell again, for the time spent in the kernel
            page.locator(".jp-CodeCell").last.click()
            page.keyboard.press("Control+Enter")
            wait_until_run(page, len(cells) + 1)
            kernel = page.locator(".jp-CodeCell").last.locator(".jp-OutputArea-output pre").text_content()
            page.close()
    spent = ast.literal_eval(kernel.strip())
    for name, *parts in rows:
        live, anew, kept = (statistics.median(part["times"]) if part["times"] else math.nan for part in parts)
        figures = [f"{live:.1f}", f"{anew:.1f}", f"{live / anew:.2f}", f"{kept:.1f}", f"{live / kept:.2f}"]
        figures += [f"{parts[0]['missed']}", f"{spent[name]:.1f}"]
        print(f"{name:16}", *(f"{figure:>11}" for figure in figures))


if __name__ == "__main__":
    main()
