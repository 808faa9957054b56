"""One example of each explorable as code: for tests that show all of them, in a notebook or in a plain page."""

from pathlib import Path
from typing import Any

import page

from conv1d_tutor import explore
from conv1d_tutor.explore import joined
from tools.stills import document

SETUP = """
import numpy as np
import torch
from torch import nn
from conv1d_tutor.explore import *
torch.manual_seed(0)
conv = nn.Conv1d(3, 4, 5)
cases = torch.randn(6, 3, 40)
"""
EXAMPLES = {
    "SlidingWindow": "SlidingWindow(position=4)",
    "KernelBench": "KernelBench()",
    "ChannelMixer": "ChannelMixer(position=3)",
    "ConvArithmetic": "ConvArithmetic(length=13, kernel_size=3, stride=3)",
    "ReceptiveField": "ReceptiveField(depth=4, kernel_size=3, growth=2)",
    "LayoutLab": "LayoutLab()",
    "LearnedKernels": "LearnedKernels(conv, cases, names=['pulse', '<b>pressure</b>', 'breaths'], kernel=1)",
    "ShapeMap": "ShapeMap((239, 5, 49), out_channels=8)",
}


def made() -> dict[str, explore.base.Explorable]:
    """Each example by its name."""
    names: dict[str, Any] = {}
    exec(SETUP, names)
    return {name: eval(code, names) for name, code in EXAMPLES.items() if name in explore.__all__}


def write_page(path: Path, theme: str = "light") -> Path:
    """Write a plain page that shows all examples."""
    places = [f"<h2>{name}</h2>{joined.markup(page.stored(shown))}" for name, shown in made().items()]
    style = f":root {{ color-scheme: {theme} }} body {{ margin: 12px; background: Canvas; color: CanvasText }}"
    path.write_text(document("All explorables", f"<h1>All</h1>{''.join(places)}", style), encoding="utf-8")
    return path
