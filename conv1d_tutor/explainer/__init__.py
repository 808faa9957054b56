"""What happens to my tensor in this layer, and why does torch refuse it?

`explain` runs a layer or a whole model on shapes alone (torch's meta device), on a copy: the model, its training
mode, its running statistics and the random numbers stay as they are. A repair is shown only after it ran. The
codes of `Explanation.problem` are the keys of `PROBLEMS`, those of the notes the keys of `NOTES`.

The way of a question through this folder, each step a file that the ones before it do not come back to:

1. `answer.py` takes the question. `inputs.py` reads what was given as x; what is no layer, or no input, is told by
   `causes/given.py`, `causes/building.py`, `causes/bare_tensors.py`, `causes/losses.py`, `causes/state.py` or
   `causes/batches.py`, and that is the answer.
2. `run.py` runs a copy, made by `model.py`, in the `sandbox.py`, and keeps which layer saw which shape. What the
   code reaches besides the model is exchanged by `surroundings.py`; `places.py` keeps it off accelerators;
   `genuine.py` sees to it that shapes are refused as tensors would be, with the dtypes of `autocast.py`, and
   `by_rule.py` spares torch what is plain; `flow.py` follows the axes (`axes.py`), `reach.py` what becomes of each
   layer's result, and `shares.py` what adds up to 1. Where the copy is refused, `run.py` looks up what torch said
   in the one table of torch's words, `torch_says.py`.
3. A run that went well is shown to the notes (`note.py`, `notes/`), and told. A failed one goes to `search.py`.
4. `search.py` asks `situation.py` once for all that is known of the failure, and `cause.py`, the rule book, for
   what the message means and for candidates: every cause in `causes/` whose `When` fits yields its repairs.
5. All candidates go to `run.py` together, each on copies of its own. What ran is a reading of what was meant, and
   `evidence.py` says what speaks for it; a repair that only led to the next failure starts again at 4.
6. `words.py` tells what was found. `source.py` writes layers and paths as the user would.

`error.py` finds the question in an exception: what was asked of torch, from the frames and, by `calls.py`, from
the line that failed. What is told without a run of a model, such as a loss or a checkpoint, hands out its readings
by `readings.py`. A new cause is one function in a file of `causes/`, a new message of torch one row in
`torch_says.py`, a new note one function in `notes/`.
"""

from .answer import explain
from .cause import PROBLEMS
from .error import explain_error
from .evidence import Fix
from .note import NOTES, Note
from .run import Row
from .words import Explanation

__all__ = ["NOTES", "PROBLEMS", "Explanation", "Fix", "Note", "Row", "explain", "explain_error"]
