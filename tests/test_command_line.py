"""What the commands print can be read on every terminal and through every pipe."""

import io
import sys

import pytest

from conv1d_tutor.__main__ import main
from conv1d_tutor._showing import PLAIN


def printed(encoding: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `explain` prints into a pipe of some encoding."""
    pipe = io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)
    monkeypatch.setattr(sys, "stdout", pipe)
    assert main(["explain", "--input", "2,4,9", "--conv", "4,4,3"]) == 0
    return pipe.buffer.getvalue().decode(encoding)


def test_old_encodings_get_plain_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    as_meant = printed("utf-8", monkeypatch)
    assert "L_out = ⌊(9 + 0 + 0 − 1·(3 − 1) − 1) / 1⌋ + 1" in as_meant
    for encoding, formula in {
        "cp1252": "L_out = floor((9 + 0 + 0 - 1·(3 - 1) - 1) / 1) + 1",
        "ascii": "L_out = floor((9 + 0 + 0 - 1*(3 - 1) - 1) / 1) + 1",
    }.items():
        plain = printed(encoding, monkeypatch)
        assert formula in plain
        assert "?" not in plain
        missing = {sign: way for sign, way in PLAIN.items() if not sign.encode(encoding, errors="ignore")}
        assert plain == as_meant.translate(str.maketrans(missing))


def test_letters_without_a_plain_form_do_not_end_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    printed("ascii", monkeypatch)
    assert "Ж☺".encode("ascii", errors="plain") == b"??"
