"""A prediction is hidden until it is opened, and judged when it is made."""

import re

import numpy as np
import pytest
import torch

from conv1d_tutor import predict
from conv1d_tutor.exercises import Prediction


def plainly(prediction: Prediction) -> str:
    """Its page without the styles."""
    return re.sub(r' style="[^"]*"', "", prediction._repr_html_())


@pytest.mark.parametrize(
    "answer", [47, 3.5, (239, 5, 47), [1, 2], "the sum", np.array([[7, 8]]), torch.Size([4, 4])]
)
def test_predict_hides_the_answer_until_it_is_opened(answer):
    prediction = predict(answer, because="kernel 99")
    assert repr(prediction) == "Make a prediction first; the answer is folded away."
    page = plainly(prediction)
    assert page.startswith("<div><details><summary>Make a prediction, then open the answer</summary>")
    assert page.endswith("<p>Because kernel 99</p></details></div>")
    assert page == plainly(predict(answer, because="kernel 99"))
    assert not any(word in page for word in ("id=", "script", "open>"))


@pytest.mark.parametrize(
    ("answer", "guess", "text"),
    [
        (47, 47, "Right: 47."),
        (47, 47.0, "Right: 47."),
        (0.3, 0.1 + 0.2, "Right: 0.3."),
        (47, 49, "Not right: it is not 49, it is 47."),
        ((2, 5, 47), (2, 5, 47), "Right: (2, 5, 47)."),
        (torch.Size([2, 5]), (2, 5), "Right: (2, 5)."),
        ((2, 5, 47), (2, 47, 5), "Not right: axis 1 is not 47, it is 5."),
        ((2, 5), (5,), "Not right: it is not (5,), it is (2, 5), of length 2 and not 1."),
        (np.array([[1, 2]]), [[1, 3]], "Not right: value [0, 1] is not 3, it is 2."),
        (np.array([[1, 2]]), 3, "Not right: it is not 3, it is [[1, 2]]."),
        ("The sum.", " the  SUM", "Right: The sum."),
        ("the sum", "the mean", "Not right: it is not the mean, it is the sum."),
        (47, "many", "Not right: it is not many, it is 47."),
        (True, False, "Not right: it is not False, it is True."),
        ((1, 2), (1, [2]), "Not right: it is not (1, [2]), it is (1, 2)."),
    ],
)
def test_predict_judges_a_guess(answer, guess, text):
    prediction = predict(answer, guess)
    assert repr(prediction) == text
    assert prediction.right is text.startswith("Right")
    assert repr(predict(answer, guess, because="so.")) == f"{text} Because so."
    page = plainly(prediction)
    assert ("<details>" in page) is not prediction.right
    assert text.startswith("Right") or page.startswith(
        "<div><p>Not right yet.</p><details><summary>Open the answer"
    )


def test_predict_escapes_what_the_author_and_the_learner_wrote():
    bad = "<script>alert('x')</script>"
    for prediction in (predict(bad), predict(bad, "no", bad), predict("no", bad, bad), predict(bad, bad, bad)):
        assert "<script" not in prediction._repr_html_()
        assert "&lt;script&gt;" in prediction._repr_html_()


def test_predict_refuses_an_answer_that_nobody_could_guess():
    with pytest.raises(
        TypeError,
        match=r"^predict\(answer=None\)\n  found: the answer is None(?s:.*)a number, a shape, an array or a text",
    ):
        predict(None)
