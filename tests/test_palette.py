"""Can colour-blind readers tell apart what stands for different things in one picture? Simulated by code.

How colours look to them: Machado, Oliveira, Fernandes 2009, "A Physiologically-based Model for Simulation of Color
Vision Deficiency", IEEE TVCG 15(6), doi:10.1109/TVCG.2009.113, the matrices for a whole deficiency. How far two
colours lie apart: CIE76, the distance in CIELAB; about 2.3 can just be seen. Four times that is demanded of all
that nothing else tells apart: no marker, no hatch, no name on it.
"""

import itertools
import json
import re
from collections.abc import Hashable, Mapping
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from conv1d_tutor.explore import joined
from conv1d_tutor.plotting.style import ROLES, STYLE

ROOT = Path(__file__).parent.parent
LEAST = 10.0
#: On linear RGB.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
#: From linear RGB of sRGB to XYZ with its white D65.
XYZ = np.array([[0.412456, 0.357576, 0.180438], [0.212673, 0.715152, 0.072175], [0.019334, 0.119192, 0.950304]])
#: From linear RGB to Oklab, in which CSS mixes a line's colour with the ink: Ottosson 2020.
LMS = np.array([[0.412221, 0.536333, 0.051446], [0.211903, 0.680700, 0.107397], [0.088302, 0.281719, 0.629979]])
OKLAB = np.array(
    [[0.210454, 0.793618, -0.004072], [1.977998, -2.428592, 0.450594], [0.025904, 0.782772, -0.808676]]
)
#: Ink and paper of a page.
THEMES = {"light": {"ink": "#000000", "paper": "#FFFFFF"}, "dark": {"ink": "#FFFFFF", "paper": "#111111"}}


def linear(colour: str) -> np.ndarray:
    """Linear RGB of a colour, as light adds up."""
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def written(rgb: np.ndarray) -> str:
    """The colour of linear RGB, as CSS writes it."""
    c = np.clip(rgb, 0, 1)
    c = np.where(c <= 0.0031308, 12.92 * c, 1.055 * c ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * v):02X}" for v in c)


def cielab(rgb: np.ndarray) -> np.ndarray:
    """L*, a*, b* of linear RGB."""
    share = XYZ @ np.clip(rgb, 0, 1) / XYZ.sum(axis=1)
    x, y, z = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, other: str, eye: np.ndarray) -> float:
    """How far two colours lie apart for an eye, as CIE76 counts it."""
    return float(np.linalg.norm(cielab(eye @ linear(one)) - cielab(eye @ linear(other))))


def alike(drawn: Mapping[str, tuple[tuple[str, ...], Hashable]]) -> list[str]:
    """The pairs that cannot be told apart.

    Args:
        drawn: for each thing its colours, of line and area, and what else tells it from others.

    Returns:
        A line for each pair and eye; pairs that differ in something else than colour are left out.
    """
    found = []
    for (one, (colours, sign)), (other, (others, its_sign)) in itertools.combinations(drawn.items(), 2):
        for name, eye in EYES.items():
            apart = max(distance(a, b, eye) for a, b in zip(colours, others, strict=True))
            if sign == its_sign and apart < LEAST:
                found.append(f"{one} and {other} with {name}: {apart:.1f}")
    return found


def mixed(space: str, colour: str, share: float, with_: str) -> str:
    """What color-mix of CSS makes, in Oklab or in sRGB."""
    if space == "srgb":
        red, green, blue = share * np.array(to_rgb(colour)) + (1 - share) * np.array(to_rgb(with_))
        return "#" + "".join(f"{round(255 * v):02X}" for v in (red, green, blue))
    one, other = (OKLAB @ np.cbrt(LMS @ linear(each)) for each in (colour, with_))
    return written(np.linalg.inv(LMS) @ (np.linalg.inv(OKLAB) @ (share * one + (1 - share) * other)) ** 3)


def page_colours(theme: str) -> dict[str, str]:
    """Each colour of the page, by the name of its property, or of its class for features."""
    style = joined.style()
    colours = dict(THEMES[theme])
    colours |= re.findall(r"--(\w+): (#\w{6});", style)
    mix = r"color-mix\(in (\w+), (?:var\(--(\w+)\)|(#\w{6})) (\d+)%, var\(--(ink|paper)\)\);"
    for name, space, of, colour, share, with_ in re.findall(rf"(?:--|\.)([\w-]+)(?::| {{ fill:) {mix}", style):
        colours[name] = mixed(space, colour or colours[of], int(share) / 100, colours[with_])
    return colours


def test_distances_are_those_that_others_compute() -> None:
    """Black and white, red in CIELAB, halfway to black in Oklab; and greys stay grey to every eye."""
    assert distance("#FFFFFF", "#000000", EYES["all cones"]) == pytest.approx(100, abs=0.01)
    assert cielab(linear("#FF0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert mixed("oklab", "#FF0000", 0.5, "#000000") == "#630000"
    for eye in EYES.values():
        assert distance("#777777", written(eye @ linear("#777777")), EYES["all cones"]) < 0.5


def test_roles_are_told_apart_as_marks_and_as_boxes() -> None:
    assert alike({name: ((role.colour,), role.marker) for name, role in ROLES.items()}) == []
    assert alike({name: ((role.colour, role.fill), role.hatch) for name, role in ROLES.items()}) == []


@pytest.mark.parametrize("theme", THEMES)
def test_roles_are_told_apart_in_the_page_in_both_themes(theme: str) -> None:
    colours = page_colours(theme)
    assert alike({name: ((colours[f"{name}-line"],), role.marker) for name, role in ROLES.items()}) == []
    boxes = {
        name: ((colours[f"{name}-line"], colours[f"{name}-fill"]), role.hatch) for name, role in ROLES.items()
    }
    assert alike(boxes) == []


@pytest.mark.parametrize("theme", THEMES)
def test_features_of_a_table_are_told_apart(theme: str) -> None:
    colours = page_colours(theme)
    features = {name: ((colours[name],), None) for name in colours if re.fullmatch(r"f\d", name)}
    assert len(features) == 5
    assert alike(features) == []


def test_lines_of_one_figure_are_told_apart() -> None:
    assert alike({each["color"]: ((each["color"],), None) for each in STYLE["axes.prop_cycle"]}) == []


def test_colours_that_a_lesson_names_itself_are_told_apart() -> None:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                own = re.findall(r"#[0-9A-Fa-f]{6}\b", "".join(cell["source"]))
                assert alike({colour: ((colour,), None) for colour in own}) == [], path.name
