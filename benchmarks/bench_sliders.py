"""Time slider moves in a real JupyterLab page: from the key press to the painted picture.

Each explorable is measured by itself, first while the kernel is idle, then while it computes. Beside them, in
the same notebook and run, stands what people usually write: a figure of three axes that `ipywidgets.interact`
makes anew for each move, and the same figure shown once by ipympl and changed in place.

How it is known when a picture was painted: a key press is a real one, sent through Chromium's input, and its
time is the event's own. From the first change of the picture (the SVG's elements; a PNG after it was decoded; a
canvas when it is drawn on) the next animation frame is waited for, and from there a task is posted, which runs
when style, layout and paint of that frame are done. "event" is the browser's own count for the same presses,
which is rounded to 8 ms (Event Timing: until the next frame was presented).

Usage: python -m benchmarks.bench_sliders [--moves 30]
"""

import argparse
import math
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from tools.lab import (
    choose,
    copy_course,
    open_notebook,
    running_chromium,
    running_lab,
    wait_until_run,
    write_notebook,
)

#: Each explorable, and the slider that is moved.
EXPLORABLES = {
    "SlidingWindow()": "position",
    "KernelBench()": "tap_2",
    "ChannelMixer()": "position",
    "ConvArithmetic()": "length",
    "ReceptiveField()": "kernel_size",
    "LayoutLab()": "item",
    "LearnedKernels(conv, signals)": "patient",
    "ShapeMap()": "kernel_size",
}
SET_UP = """
import time
import ipywidgets, matplotlib.pyplot as plt, numpy as np, torch
from conv1d_tutor.explore import *
torch.manual_seed(0)
conv, signals = torch.nn.Conv1d(5, 8, 7), torch.randn(20, 5, 49)
x, kernel = np.sin(np.arange(24.0)), np.array([1.0, 0, -1])
output = np.convolve(x, kernel[::-1], "valid")

def draw(axes, position):
    rows = [(range(24), x), (range(position, position + 3), kernel), (range(22), output)]
    for ax, (at, values) in zip(axes, rows):
        ax.clear()
        ax.set_xlim(-1, 24)
        ax.stem(at, values)
    axes[2].plot(position, output[position], "rs")
"""
INTERACT = """
def picture(position=3):
    draw(plt.subplots(3, 1, figsize=(8.8, 4.7), layout="constrained")[1], position)
    plt.show()
ipywidgets.interact(picture, position=(0, 21));
"""
IPYMPL = """
%matplotlib widget
figure, axes = plt.subplots(3, 1, figsize=(8.8, 4.7), layout="constrained")
draw(axes, 3)
def move(change):
    draw(axes, change["new"])
    figure.canvas.draw_idle()
position = ipywidgets.IntSlider(3, 0, 21, description="position")
position.observe(move, "value")
ipywidgets.VBox([position, figure.canvas])
"""
BUSY = "start = time.time()\nwhile time.time() - start < 9: sum(range(10000))"

#: Watch one cell; each key press becomes an entry of window.bench.log.
WATCH = """
([index, name]) => {
  const cell = document.querySelectorAll('.jp-CodeCell')[index];
  const handle = cell.querySelector(`.conv1d input[name=${name}]`) ?? cell.querySelector('.noUi-handle');
  handle.scrollIntoView({block: 'center'});
  handle.focus();
  window.bench?.stop();
  const log = [];
  const press = event => log.push({start: event.timeStamp});
  const after = entry => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => { entry.painted = performance.now(); };
    channel.port2.postMessage(0);
  });
  const unseen = () => { const entry = log.at(-1); return entry && !entry.changed ? entry : null; };
  const watch = new MutationObserver(async records => {
    const images = [...cell.querySelectorAll('.jp-OutputArea-output img')];
    const svg = records.some(r => r.target.parentElement?.closest('.stage svg'));
    const png = records.some(r => r.target.tagName === 'IMG' ||
      [...r.addedNodes].some(n => n.querySelector?.('img')));
    const entry = svg || png ? unseen() : null;
    if (!entry) return;
    entry.changed = performance.now();
    if (png) await Promise.all(images.map(image => image.decode().catch(() => null)));
    after(entry);
  });
  watch.observe(cell, {subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ['src', 'd', 'x', 'y']});  // shapes of an SVG keep their elements
  const drawImage = CanvasRenderingContext2D.prototype.drawImage;
  CanvasRenderingContext2D.prototype.drawImage = function (...given) {
    const entry = cell.contains(this.canvas) ? unseen() : null;
    if (entry) { entry.changed = performance.now(); after(entry); }
    return drawImage.apply(this, given);
  };
  const timing = new PerformanceObserver(list => {
    for (const each of list.getEntries()) {
      const entry = each.name === 'keydown' && log.find(entry => Math.abs(entry.start - each.startTime) < 1);
      if (entry) entry.event = each.duration;
    }
  });
  timing.observe({type: 'event', durationThreshold: 16, buffered: false});
  window.addEventListener('keydown', press, true);
  window.bench = {log, stop: () => {
    window.removeEventListener('keydown', press, true);
    watch.disconnect();
    timing.disconnect();
    CanvasRenderingContext2D.prototype.drawImage = drawImage;
  }};
}
"""


def timed(page: Page, index: int, name: str, moves: int, pause: int) -> list[dict]:
    """Press keys on one slider, to and fro, and return what the page noted of each press."""
    page.evaluate(WATCH, [index, name])
    page.wait_for_timeout(300)
    for i in range(moves):
        page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")  # one step on and back: some have two values
        page.wait_for_timeout(pause)
    page.wait_for_timeout(600)
    return page.evaluate("window.bench.log")


def timed_busy(page: Page, last: int, index: int, name: str, moves: int, pause: int) -> list[dict]:
    """The same while the kernel computes."""
    cell = page.locator(".jp-CodeCell").nth(last)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(500)
    prompt = cell.locator(".jp-InputPrompt")
    expect(prompt).to_have_text("[*]:")
    found = timed(page, index, name, moves, pause)
    expect(prompt).to_have_text("[*]:", timeout=1)  # the kernel was busy to the end
    expect(prompt).not_to_have_text("[*]:", timeout=60_000)
    return found


def summary(log: list[dict]) -> tuple[float, float, int, float]:
    """Of the times from key to painted, in ms: median, 95th percentile; moves missed; the browser's median."""
    times = sorted(entry["painted"] - entry["start"] for entry in log if entry.get("painted"))
    events = [entry["event"] for entry in log if entry.get("event")]
    if not times:
        return math.nan, math.nan, len(log), math.nan
    event = statistics.median(events) if events else math.nan
    return statistics.median(times), times[int(0.95 * (len(times) - 1))], len(log) - len(times), event


def main() -> None:
    """Run the notebook, move every slider, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=30, help="key presses for each slider")
    moves = parser.parse_args().moves
    cells = [SET_UP, *EXPLORABLES, INTERACT, IPYMPL, BUSY]
    rows = {}
    with tempfile.TemporaryDirectory() as folder, running_chromium() as browser:
        home = copy_course(Path(folder))
        write_notebook(home / "notebooks" / "sliders.ipynb", cells)
        with running_lab(home) as address:
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            open_notebook(page, address, "sliders")
            choose(page, "Run", "Run All Cells")
            wait_until_run(page)
            page.wait_for_timeout(2000)
            names = [*EXPLORABLES, "interact, pyplot", "ipympl"]
            controls = [*EXPLORABLES.values(), "position", "position"]
            for index, (name, control) in enumerate(zip(names, controls, strict=True), start=1):
                asks = index > len(EXPLORABLES)  # the kernel, for each picture
                pause = 700 if asks else 150
                idle = timed(page, index, control, moves, pause)
                busy = timed_busy(page, len(cells) - 1, index, control, 9 if asks else 24, pause)
                rows[name] = (summary(idle), summary(busy))
            page.close()
    usual = rows["interact, pyplot"][0][0]
    print(f"Slider moves in JupyterLab, key to painted picture in ms, {moves} moves, of a busy kernel 24 or 9\n")
    heads = ("median", "p95", "missed", "event", "/interact", "busy", "p95", "missed")
    print(f"{'':30}", *(f"{head:>10}" for head in heads))
    for name, ((median, p95, missed, event), (busy, busy95, busy_missed, _)) in rows.items():
        figures = [f"{median:.1f}", f"{p95:.1f}", f"{missed}", f"{event:.0f}", f"{median / usual:.3f}"]
        figures += [f"{busy:.1f}", f"{busy95:.1f}", f"{busy_missed}"]  # nan: nothing was painted
        print(f"{name:30}", *(f"{figure:>10}" for figure in figures))


if __name__ == "__main__":
    main()
