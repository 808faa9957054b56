"""What an editor knows of the package's face: mypy reads this file in `make lint`; nothing here is ever run."""

from typing import Any, assert_type

import numpy as np

from conv1d_tutor import (
    Conv1dSpec,
    Explanation,
    check,
    check_equal,
    check_layout,
    check_shape,
    compare_gradients_with_torch,
    compare_with_torch,
    diagnose,
    doctor,
    explain,
    explain_error,
    go_on_with,
    hint,
    predict,
    solution,
    table_to_array,
    use_style,
)
from conv1d_tutor.exercises import Prediction, Solution, Verdict, Words
from conv1d_tutor.jupyter.doctor import Examination
from conv1d_tutor.layout import LayoutCheck, TableArray
from conv1d_tutor.verify import Check, Comparison, Diagnosis

spec = Conv1dSpec(5, 8, 3)
assert_type(spec, Conv1dSpec)
assert_type(spec.output_shape((2, 5, 49)), tuple[int, ...])
assert_type(spec.output_length(49), int)
assert_type(explain(spec, (2, 5, 49)), Explanation)
assert_type(explain(spec, (2, 5, 49)).fix, str | None)
assert_type(explain_error(ValueError()), Explanation | None)
assert_type(check("00.1", 1), Verdict)
assert_type(check("00.1", 1).passed, bool)
assert_type(go_on_with("06.1", 1), Any)
assert_type(hint("00.1"), Words)
assert_type(solution("00.1"), Solution | Words)
assert_type(predict("00.a", 47), Prediction | Verdict)
assert_type(check_equal(1, 1), Check)
assert_type(check_shape((1,), (1,)), Check)
assert_type(check_layout(1, 1), LayoutCheck)
assert_type(compare_with_torch(print), Comparison)
assert_type(compare_gradients_with_torch(print), Comparison)
assert_type(diagnose(np.zeros(1), np.zeros(1), np.zeros(1)), Diagnosis)
assert_type(table_to_array(None, "case", "time", ["feature"]), TableArray)  # type: ignore[arg-type]
assert_type(doctor(), Examination)
assert_type(use_style(), None)
