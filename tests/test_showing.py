"""How results show themselves: long lines hang, tables fold what repeats, in a console and in a page alike."""

import re

import pytest
from torch import nn

from conv1d_tutor import explain
from conv1d_tutor._showing import MOST_ROWS, WIDTH, Lines, Table, folded, hanging


def more(count: int, block: list) -> str:
    return f"{count} x {len(block)}"


class TestFolding:
    def test_blocks_that_repeat_are_shown_once_with_their_number(self):
        rows = [*"ab", *"xyz" * 9, *"c"]
        assert folded(rows, str, more) == ["a", "b", "x", "y", "z", "8 x 3", "c"]

    def test_the_fold_that_hides_most_is_taken(self):
        rows = [*"a", *"xxxy" * 8]
        assert folded(rows, str, more) == ["a", "x", "x", "x", "y", "7 x 4"]

    def test_a_short_table_and_one_without_repeats_stay_as_they_are(self):
        assert folded(["x"] * MOST_ROWS, str, more) == ["x"] * MOST_ROWS
        assert folded(["x"] * (MOST_ROWS + 1), str, more) == ["x", f"{MOST_ROWS} x 1"]
        assert folded(list(range(50)), str, more) == list(range(50))

    def test_one_row_twice_is_not_folded_as_the_text_takes_a_row_too(self):
        rows = [*range(20), "x", "x", "end"]
        assert folded(rows, str, more) == rows

    def test_equal_blocks_of_a_large_model_are_one(self):
        layers = [layer for _ in range(40) for layer in (nn.Conv1d(4, 4, 3, padding=1), nn.ReLU())]
        found = explain(nn.Sequential(nn.Conv1d(2, 4, 3), *layers), (2, 2, 60))
        text = str(found)
        assert "  … 39 more like these 2 layers, to 80\n" in text and len(found.trace) == 81
        assert "… the same for 39 more, to 79\n" in text
        assert text.count("\n") < 15
        page = found._repr_html_()
        assert '<td colspan="4" style="text-align: left">… 39 more like these 2 layers, to 80</td>' in page
        assert page.count("<tr>") == 5 and "parameters</th>" in page and "  layer" not in page


class TestHanging:
    def test_what_is_broken_off_stands_below_the_words_of_the_line(self):
        line = "  it means:   " + "word " * 40
        first, *rest = hanging(line).split("\n")
        assert first.startswith("  it means:   word") and all(re.match(r" {14}word", one) for one in rest)
        assert " ".join(hanging(line).split()) == " ".join(line.split())
        assert max(map(len, hanging(line).split("\n"))) <= WIDTH

    @pytest.mark.parametrize(
        "line",
        [
            "  fix:        layer(" + "x, " * 50 + ")   (ran, gives (2, 2))",
            "  in code:    h = torch.cat([" + "x, " * 50 + "])",
            "  layer  " + "(2, 4), " * 20 + "  52",
            "a short line",
            "Conv1d reads (239, 5, 49) as a batch of 239, and gives what stands on one line as it has no label. "
            * 2,
            "",
        ],
    )
    def test_code_and_columns_keep_their_lines(self, line):
        assert hanging(line) == line

    def test_a_note_hangs_below_its_beginning(self):
        first, *rest = hanging("Note (even_kernel): " + "word " * 40).split("\n")
        assert first.startswith("Note (even_kernel): word") and len(first) <= WIDTH
        assert all(re.match(r"  word", one) for one in rest) and rest

    def test_a_page_hangs_long_lines_and_leaves_others_as_they_are(self):
        assert Lines("a\n  b: c").as_html().endswith(">a\n  b: c</pre>")
        html = Lines("a\n  b: " + "word " * 40).as_html()
        assert 'padding-left: 0ch; text-indent: -0ch">a\n</span><span' in html
        assert 'padding-left: 5ch; text-indent: -5ch">  b: word' in html and html.endswith("word </span></pre>")

    def test_an_explanation_says_the_same_in_its_text_and_in_its_lines(self):
        found = explain(nn.Conv1d(5, 8, 3), (239, 49, 5))
        assert " ".join(str(found).split()) == " ".join(found.text.split())
        assert max(map(len, str(found).splitlines())) <= max(
            WIDTH, len("  fix:        layer(x.permute(0, 2, 1))") + 40
        )


def test_a_row_that_is_a_text_goes_across_the_table():
    table = Table(("a", "b"), [("1", "2"), "… & more", ("long cell", "3")])
    assert table.as_text().splitlines() == ["a          b", "1          2", "… & more", "long cell  3"]
    assert '<td colspan="2" style="text-align: left">… &amp; more</td>' in table.as_html()
