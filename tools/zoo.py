"""Does `explain` keep its word on models that others wrote? ``make zoo`` asks it about some forty.

Each model is built small, with random weights, in a process of its own, and given one right input and five wrong
ones. Asked is what `explain` promises: a right input is ok and draws no note without its fault; nothing of the
model's and no random state changes; time and memory have their limits; of a wrong input the cause is named, and
every fix that is shown runs. Prints a table and ends with 1 if a promise is broken.

The models are in `zoo_models.py`; their packages, listed in `zoo.txt`, go into the folder .zoo beside .venv. Times
are those of one core, so that a busy machine tells the same; memory is measured on Linux alone.
"""

import argparse
import copy
import json
import os
import random
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from conv1d_tutor import explain
from tools.zoo_models import ZOO, Model

ROOT = Path(__file__).resolve().parent.parent
PROCESS = Path("/proc/self")
REPEATS = 3
#: Of the time: so many forward passes, and so many seconds; in the median over the zoo, and for each question.
PASSES, SECONDS, SLOWEST = 3, 0.1, 1.5
MEGABYTES = 500
#: No process may take more, lest the machine ends it or others.
GIGABYTES = 10
CAUSES_RIGHT = 0.9
#: Notes that accuse nobody: how explain looked.
INFORMATION = {"values_used"}
#: The codes that name the cause of each kind of wrong input. A fix that gives the meant numbers is right, too.
CODES = {
    "turned": {"channels_last", "turned_twice", "linear_axis", "rnn_axis", "norm_axis", "own_rule"},
    "unbatched": {"missing_batch_axis", "missing_channel_axis", "wrong_number_of_axes", "own_rule"},
    "float64": {"dtype"},
    "integer": {"dtype"},
    "too short": {
        "input_too_short",
        "stack_too_short",
        "padding_mode",
        "one_value_per_channel",
        "linear_in_features",
        "length_mismatch",
        "empty",
        "own_rule",
    },
}


def made(model: Model) -> tuple[nn.Module, Any]:
    """Build the model and its input, the same each time."""
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002  # the one that models use
    layer, x = model.build()
    return layer.eval(), x


def run(layer: nn.Module, x: Any) -> Any:
    """Call the layer without gradients."""
    with torch.no_grad():
        return layer(*x) if isinstance(x, tuple) else layer(x)


def tensors(value: Any) -> list[torch.Tensor]:
    """The tensors in an output, whatever holds them."""
    if isinstance(value, torch.Tensor):
        return [value]
    if hasattr(value, "to_tuple"):
        value = value.to_tuple()
    return [t for part in value for t in tensors(part)] if isinstance(value, (tuple, list)) else []


def alike(one: Any, other: Any) -> bool:
    """Whether two outputs are the same numbers, up to rounding and axes of size 1."""
    mine, its = tensors(one), tensors(other)
    return bool(mine) and all(
        a.numel() == b.numel() and torch.allclose(a.flatten().float(), b.flatten().float(), atol=1e-3, rtol=1e-3)
        for a, b in zip(mine, its, strict=False)
    )


def fingerprint(value: Any, depth: int = 6) -> Any:
    """What can be compared of a value: of a tensor its numbers, of an object what it holds."""
    if isinstance(value, torch.Tensor):
        numbers = value.detach().double() if value.device.type == "cpu" and not value.is_complex() else None
        said = None if numbers is None else (float(numbers.sum()), float(numbers.abs().sum()))
        return str(value.device), str(value.dtype), tuple(value.shape), value.requires_grad, said
    if isinstance(value, (str, bytes, int, float, complex, bool, type(None), torch.dtype, torch.device, type)):
        return repr(value)
    if depth == 0:
        return type(value).__name__
    if isinstance(value, dict):
        return [(repr(k)[:80], fingerprint(v, depth - 1)) for k, v in value.items()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [type(value).__name__, *(fingerprint(v, depth - 1) for v in value)]
    if isinstance(value, np.ndarray):
        return value.shape, str(value.dtype), value.tobytes()[:1000]
    return type(value).__name__, fingerprint(getattr(value, "__dict__", {}), depth - 1)


def state(layer: nn.Module) -> dict[str, Any]:
    """All of a model that a question must not change, and the three random states."""
    kept: dict[str, Any] = {
        "torch's random state": torch.get_rng_state().tolist(),
        "numpy's random state": fingerprint(np.random.get_state()),  # noqa: NPY002
        "python's random state": random.getstate(),
        "grad mode": torch.is_grad_enabled(),
        "default dtype": torch.get_default_dtype(),
    }
    for path, module in layer.named_modules():
        for name, value in vars(module).items():
            if name == "_modules":
                value = {key: id(part) for key, part in value.items()}
            kept[f"{path}.{name}"] = fingerprint(value)
        for name, weight in module.named_parameters(recurse=False):
            kept[f"{path}.{name} itself"] = (id(weight), weight.data_ptr(), fingerprint(weight.grad))
    return kept


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names of what differs."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def memory(field: str) -> float:
    """A number of this process's memory, in MB."""
    if not PROCESS.exists():
        return 0.0
    lines = (PROCESS / "status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def measured(question: Callable[[], Any]) -> tuple[Any, float, float]:
    """The answer, the seconds, and the MB above what was there before."""
    if PROCESS.exists():
        (PROCESS / "clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    there, start = memory("VmRSS"), time.process_time()
    answer = question()
    return answer, time.process_time() - start, memory("VmHWM") - there


def wrong(model: Model, x: Any) -> Iterator[tuple[str, Any, Any]]:
    """The wrong inputs: their kind, the input, and the right one that is meant, None where there is no such."""
    first, rest = (x[0], x[1:]) if isinstance(x, tuple) else (x, ())

    def given(changed: torch.Tensor) -> Any:
        return (changed, *rest) if rest else changed

    if first.ndim > 2 and 1 not in first.shape[-2:]:
        yield "turned", given(first.transpose(-1, -2).contiguous()), x
    if not rest:
        yield "unbatched", first[0], first[:1]
    if first.is_floating_point():
        yield "float64", given(first.double()), x
        whole = (first * 10).round()
        yield "integer", given(whole.long()), given(whole)
    # Lengths given beside it are those of what is left.
    rest = tuple(t.clamp(max=1) if t.ndim == 1 and not t.is_floating_point() else t for t in rest)
    yield "too short", given(first.narrow(model.time, 0, 1)), None


def fixes(found: Any) -> list[str]:
    """All the expressions that an explanation shows."""
    shown = [fix.expression for fix in getattr(found, "fixes", None) or []]
    return list(dict.fromkeys(([found.fix] if found.fix else []) + shown))


def ran(model: Model, expression: str, x: Any) -> tuple[Any, str | None]:
    """What a fix gives on a model built anew, or why it does not run."""
    names = {"torch": torch, "nn": nn, "F": F, "layer": made(model)[0], "x": copy.deepcopy(x)}
    try:
        with torch.no_grad():
            return eval(expression, names), None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"[:200]


def asked(model: Model) -> dict[str, Any]:
    """Ask everything of one model; runs in a process of its own."""
    warnings.simplefilter("ignore")
    layer, x = made(model)
    # The first question loads torch's tables for shapes.
    explain(nn.Sequential(nn.Conv1d(5, 6, 3), nn.GLU(1)), (1, 5, 10))
    run(layer, x)
    passes = [measured(lambda: run(layer, x))[1] for _ in range(REPEATS)]
    differs: set[str] = set()
    for weight in layer.parameters():
        weight.grad = torch.ones_like(weight) if weight.requires_grad else None
    layer.register_forward_hook(lambda *_: differs.add("a hook of the model was run"))

    def question(its_input: Any) -> tuple[Any, float, float]:
        before, given = state(layer), fingerprint(its_input)
        answer = measured(lambda: explain(layer, its_input))
        differs.update(changed(before, state(layer)), ["its input"] if fingerprint(its_input) != given else [])
        return answer

    rounds = [question(x) for _ in range(REPEATS)]
    found = rounds[0][0]
    report: dict[str, Any] = {
        "ok": found.ok,
        "said": "" if found.ok else found.text,
        "notes": [[note.code, note.text] for note in found.notes],
        "forward": statistics.median(passes),
        "explain": statistics.median(seconds for _, seconds, _ in rounds),
        "slowest": max(seconds for _, seconds, _ in rounds),
        "megabytes": max(peak for _, _, peak in rounds),
        "wrong": {},
    }
    for kind, bad, meant in wrong(model, x):
        try:
            run(made(model)[0], bad)
            error = None
        except Exception as refusal:
            error = f"{type(refusal).__name__}: {refusal}"[:300]
        found, seconds, peak = question(bad)
        outcomes = [(fix, *ran(model, fix, bad)) for fix in fixes(found)] if error else []
        target = run(made(model)[0], meant) if error and meant is not None else None
        hits = [not failure and alike(y, target) for _, y, failure in outcomes]
        report["wrong"][kind] = {
            "torch": error,
            "ok": found.ok,
            "problem": found.problem,
            "text": found.text,
            "fixes": [[fix, failure] for fix, _, failure in outcomes],
            "meant": None if target is None else any(hits),
            "seconds": seconds,
            "megabytes": peak,
        }
    return report | {"changed": sorted(differs)}


def verdict(model: Model, report: dict[str, Any]) -> tuple[list[str], int, int]:
    """What is broken, and of the refused wrong inputs how many causes are right."""
    broken, right, refused = [], 0, 0
    if not report["ok"]:
        broken.append(f"a right input is refused: {report['said'][:400]}")
    right_notes = INFORMATION | model.notes.keys()
    notes = [(code, text) for code, text in report["notes"] if code not in right_notes]
    broken += [f"note {code}: {text}" for code, text in notes]
    broken += [f"changed: {name}" for name in report["changed"][:8]]
    if slowest(report) > SLOWEST:
        broken.append(f"{slowest(report):.2f} s, {SLOWEST} s allowed")
    largest = max(question["megabytes"] for question in (report, *report["wrong"].values()))
    if largest > MEGABYTES:
        broken.append(f"{largest:.0f} MB, {MEGABYTES} MB allowed")
    for kind, answer in report["wrong"].items():
        if "could not be explained" in answer["text"]:
            broken.append(f"{kind}: {answer['text']}")
        broken += [f"{kind}: {fix} does not run: {failure}" for fix, failure in answer["fixes"] if failure]
        if answer["ok"] != (answer["torch"] is None):
            broken.append(f"{kind}: ok is {answer['ok']}, torch said {answer['torch']}")
        if answer["torch"]:
            refused += 1
            right += answer["problem"] in CODES[kind] or bool(answer["meant"])
    return broken, right, refused


def slowest(report: dict[str, Any]) -> float:
    """The seconds of the question that took longest."""
    return max(report["slowest"], *(answer["seconds"] for answer in report["wrong"].values()))


def line(model: Model, report: dict[str, Any], right: int, refused: int) -> str:
    """One row of the table."""
    kinds = " ".join(
        f"{kind}:{'runs' if answer['torch'] is None else answer['problem']}{_mark(kind, answer)}"
        for kind, answer in report["wrong"].items()
    )
    times = f"{report['forward'] * 1000:7.1f} {report['explain'] * 1000:7.1f} {report['megabytes']:5.0f}"
    return f"{model.package:<22} {model.name:<26} {times}  {right}/{refused}  {kinds}"


def _mark(kind: str, answer: dict[str, Any]) -> str:
    if answer["torch"] is None:
        return ""
    mark = "+" if answer["meant"] else "" if answer["problem"] in CODES[kind] else "?"
    return mark + str(len(answer["fixes"]))


def in_its_own_process(index: int) -> dict[str, Any]:
    """Ask a fresh Python, so that no model meets what another left."""
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    child = subprocess.run(
        [sys.executable, "-m", "tools.zoo", "--child", str(index)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": path, "HF_HUB_OFFLINE": "1"},
    )
    if child.returncode:
        return {"died": f"exit {child.returncode} {child.stderr[-1500:]}"}
    return json.loads(child.stdout.rpartition("\n@")[2])


def main() -> None:
    """Ask every model, or those whose package or name holds a word, and tell.

    Raises:
        SystemExit: with 1 if a promise is broken.
    """
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*", help="parts of the names of packages or models; all without any")
    parser.add_argument("--texts", action="store_true", help="print every explanation of a wrong input")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        if PROCESS.exists():
            import resource  # not on every system

            resource.setrlimit(resource.RLIMIT_AS, (GIGABYTES * 2**30,) * 2)
        print("\n@" + json.dumps(asked(ZOO[options.child])))
        return
    chosen = [
        (i, model)
        for i, model in enumerate(ZOO)
        if not options.words or any(w.lower() in f"{model.package} {model.name}".lower() for w in options.words)
    ]
    print(
        "A cause: + its fix gives what is meant, ? neither cause nor fix is right, then the number of fixes shown."
    )
    print(f"{'package':<22} {'model':<26} {'forward':>7} {'explain':>7} {'MB':>5}  causes of wrong inputs")
    troubles, over, right, refused, shown, meant, oks, longest = 0, [], 0, 0, 0, [], 0, 0.0
    for index, model in chosen:
        report = in_its_own_process(index)
        if "died" in report:
            print(f"{model.package:<22} {model.name:<26} died: {report['died']}")
            troubles += 1
            continue
        broken, its_right, its_refused = verdict(model, report)
        print(line(model, report, its_right, its_refused), flush=True)
        for trouble in broken:
            print("    ✗ " + trouble.replace("\n", "\n      "), flush=True)
        if options.texts:
            for kind, answer in report["wrong"].items():
                print(f"    {kind}: {answer['torch']}\n      " + answer["text"].replace("\n", "\n      "))
        troubles += len(broken)
        over.append(report["explain"] - PASSES * report["forward"])
        oks, longest = oks + report["ok"], max(longest, slowest(report))
        right, refused = right + its_right, refused + its_refused
        answers = report["wrong"].values()
        shown += sum(len(answer["fixes"]) for answer in answers)
        meant += [answer["meant"] for answer in answers if answer["meant"] is not None]
    if not over:
        sys.exit("No model was asked.")
    middle, packages = statistics.median(over), {model.package for _, model in chosen}
    print(f"\n{len(over)} models from {len(packages)} packages, {troubles} promises broken")
    print(f"right inputs ok: {oks}; slowest question: {longest:.2f} s of {SLOWEST} s allowed")
    print(f"time over {PASSES} forward passes, median: {middle * 1000:.0f} ms of {SECONDS * 1000:.0f} ms allowed")
    print(f"wrong inputs refused: {refused}, causes right: {right}")
    print(f"fixes shown: {shown}; questions whose fix gives what is meant: {sum(meant)} of {len(meant)}")
    if troubles or middle > SECONDS or right < CAUSES_RIGHT * refused:
        sys.exit(1)


if __name__ == "__main__":
    main()
