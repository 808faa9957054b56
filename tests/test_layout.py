import itertools

import numpy as np
import pandas as pd
import pytest
import torch

from conv1d_tutor.layout import check_layout, table_to_array, to_channels_first
from conv1d_tutor.layout.axes import ANSWERS


def ward(**changes):
    """Two patients, three hours, two features; every number is different."""
    columns = {
        "id": ["b", "b", "b", "a", "a", "a"],
        "hour": [0, 1, 2, 0, 1, 2],
        "pulse": [70, 71, 72, 80, 81, 82],
        "spo2": [90, 91, 92, 95, 96, 97],
    }
    return pd.DataFrame(columns | changes)


def turn(df, features=("pulse", "spo2"), **options):
    return table_to_array(df, case="id", time="hour", features=list(features), **options)


class TestTableToArray:
    def test_each_value_stands_where_its_row_says(self):
        table = turn(ward())
        assert table.array.tolist() == [[[70, 90], [71, 91], [72, 92]], [[80, 95], [81, 96], [82, 97]]]
        assert table.array.dtype == np.float32
        assert table.ids.tolist() == ["b", "a"]  # in the order of the table, not of the alphabet
        assert table.times.tolist() == [0, 1, 2]
        assert table.names == ("pulse", "spo2")
        assert table.mask.all()

    def test_features_come_in_the_order_asked_for(self):
        assert turn(ward(), ["spo2", "pulse"]).array[0, 0].tolist() == [90, 70]

    def test_it_unpacks_and_its_repr_is_short(self):
        array, _ids, _times, _names, mask = turn(ward())
        assert array.shape == (2, 3, 2) and mask.shape == (2, 3)
        assert repr(turn(ward())) == "TableArray(array (2, 3, 2), names=['pulse', 'spo2'])"

    def test_cases_may_be_mixed(self):
        mixed = ward().iloc[[0, 3, 1, 4, 2, 5]]
        assert turn(mixed).array.tolist() == turn(ward()).array.tolist()

    @pytest.mark.parametrize("seed", range(5))
    def test_equals_pivot(self, seed):
        rng = np.random.default_rng(seed)
        cases, times = rng.integers(2, 9, 2)
        df = pd.DataFrame(itertools.product(range(cases), range(times)), columns=["id", "hour"])
        df[["x", "y", "z"]] = rng.standard_normal((len(df), 3))
        df = df.sample(frac=1, random_state=seed).sort_values("hour", kind="stable")
        table = turn(df, "xyz")
        for i, name in enumerate("xyz"):
            expected = df.pivot(index="id", columns="hour", values=name).loc[table.ids].to_numpy(np.float32)
            np.testing.assert_array_equal(table.array[:, :, i], expected)

    def test_dates_are_times(self):
        dates = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"] * 2)
        table = turn(ward(hour=dates))
        assert table.array.tolist() == turn(ward()).array.tolist()
        assert table.times[0] == np.datetime64("2024-01-01")

    @pytest.mark.parametrize("dtype", ["bool", "Int64", "Float64", "boolean"])
    def test_columns_of_any_kind_of_number(self, dtype):
        values = pd.array([True, False, True, True, False, False]).astype(dtype)
        assert turn(ward(pulse=values), ["pulse"]).array[:, :, 0].tolist() == [[1, 0, 1], [1, 0, 0]]

    def test_numbers_written_as_text_are_numbers(self):
        assert turn(ward(pulse=["70", "71", "72", "80", "81", "82.5"])).array[1, 2, 0] == 82.5


class TestGaps:
    def test_a_missing_row_is_listed(self):
        message = (
            r"found: no values for id b at hour 1\.\n  rule:  every case has a value at each of the 3 times\.\n  "
            r"try:   fill='previous'"
        )
        with pytest.raises(ValueError, match=message):
            turn(ward().drop(1))

    def test_a_missing_value_is_listed_with_its_feature(self):
        with pytest.raises(ValueError, match=r"no values for id a at hour 0 \(spo2\)\."):
            turn(ward(spo2=[90, 91, 92, None, 96, 97]))

    def test_many_gaps_are_counted(self):
        df = pd.DataFrame({"id": np.repeat([1, 2], 20), "hour": [*range(20)] * 2, "x": 1.0})
        df.loc[5:12, "x"] = np.nan
        with pytest.raises(ValueError, match=r"id 1 at hour 5, .* id 1 at hour 9, … \(8 in all\)"):
            turn(df, ["x"])

    def test_fill_with_a_number(self):
        assert turn(ward().drop(1), fill=-1).array[0].tolist() == [[70, 90], [-1, -1], [72, 92]]

    def test_fill_with_the_previous_value_of_the_same_case_and_feature(self):
        df = ward(spo2=[90, 91, None, 95, None, None]).drop(1)
        table = turn(df, fill="previous")
        assert table.array.tolist() == [[[70, 90], [70, 90], [72, 90]], [[80, 95], [81, 95], [82, 95]]]

    def test_a_long_gap_is_filled_with_the_last_value_before_it(self):
        df = pd.DataFrame({"id": 1, "hour": range(5), "x": [1, 2, None, None, 5]})
        assert turn(df, ["x"], fill="previous").array[0, :, 0].tolist() == [1, 2, 2, 2, 5]

    def test_nothing_is_copied_from_another_case(self):
        with pytest.raises(ValueError, match=r"no earlier value for id a at hour 0\.[\s\S]*begins with the gap"):
            turn(ward().drop(3), fill="previous")

    @pytest.mark.parametrize(
        "fill", [float("nan"), float("inf"), 1e40, -(10**400), "mean", True, [0], np.zeros(1)]
    )
    def test_fill_of_another_kind(self, fill):
        with pytest.raises(ValueError, match="a gap gets a finite number, or 'previous'"):
            turn(ward(), fill=fill)


class TestUnequalLengths:
    def test_are_told_from_gaps(self):
        with pytest.raises(
            ValueError, match=r"cases of 2 to 3 rows: no values for id a at hour 2[\s\S]*pad='end'"
        ):
            turn(ward().drop(5))

    def test_zeros_at_the_end(self):
        table = turn(ward().drop(5), pad="end")
        assert table.array[1].tolist() == [[80, 95], [81, 96], [0, 0]]
        assert table.mask.tolist() == [[True, True, True], [True, True, False]]

    def test_zeros_at_the_start(self):
        table = turn(ward().drop(5), pad="start")
        assert table.array[1].tolist() == [[0, 0], [80, 95], [81, 96]]
        assert table.mask[1].tolist() == [False, True, True]

    def test_cases_that_begin_at_different_times_are_counted_from_their_own_start(self):
        table = turn(ward(hour=[10, 11, 12, 11, 12, 13]).drop(5), pad="end")
        assert table.array[:, :, 0].tolist() == [[70, 71, 72], [80, 81, 0]]
        assert table.times.tolist() == [0, 1, 2]

    def test_a_hole_inside_a_case_is_still_a_gap(self):
        with pytest.raises(ValueError, match=r"no values for id b at hour 1\."):
            turn(ward().drop([1, 5]), pad="end")
        table = turn(ward().drop([1, 5]), pad="end", fill=7)
        assert table.array.tolist() == [[[70, 90], [7, 7], [72, 92]], [[80, 95], [81, 96], [0, 0]]]

    def test_cases_that_share_no_times(self):
        df = pd.DataFrame({"id": np.repeat(range(200), 3), "hour": range(600), "x": 1.0})
        with pytest.raises(ValueError, match=r"200 cases with 600 different times[\s\S]*cumcount"):
            turn(df, ["x"])
        assert turn(df.assign(hour=df.groupby("id").cumcount()), ["x"]).array.shape == (200, 3, 1)

    def test_pad_of_another_kind(self):
        with pytest.raises(ValueError, match="zeros are added behind a short case, 'end', or before it"):
            turn(ward(), pad="both")


class TestBadTables:
    def test_duplicate_rows_are_named(self):
        df = ward(hour=[0, 1, 1, 0, 1, 2])
        with pytest.raises(
            ValueError, match=r"twice the same: row 1 \(b, 1\), row 2 \(b, 1\)\.[\s\S]*drop_duplicates"
        ):
            turn(df)

    @pytest.mark.parametrize("value", [1e40, -1e40, 10**30 * 10**30, 10**400])
    def test_what_float32_cannot_hold_is_named_and_does_not_become_infinite(self, value):
        with pytest.raises(ValueError, match=r"pulse: row 1 has .*\n  rule:  .*float32|finite numbers"):
            turn(ward(pulse=[70, value, 72, 80, 81, 82]))

    def test_the_largest_float32_is_taken(self):
        largest = float(np.finfo(np.float32).max)
        assert turn(ward(pulse=[70, largest, 72, 80, 81, 82])).array[0, 1, 0] == np.finfo(np.float32).max

    def test_cases_that_cannot_be_told_apart(self):
        with pytest.raises(ValueError, match=r"id: row 0 has \[1\]\.[\s\S]*one name or number in each row"):
            turn(ward(id=[[1]] * 6))

    @pytest.mark.parametrize("name", [["pulse"], np.array(["pulse"]), torch.zeros(2), {}, 1e40])
    def test_a_name_that_no_column_can_have(self, name):
        with pytest.raises(ValueError, match=r"no column .*; there are 'id', "):
            turn(ward(), [name])

    def test_text_in_a_feature_is_named(self):
        df = ward(pulse=[70, "n/a", 72, 80, "81,5", 82])
        with pytest.raises(ValueError, match=r"pulse: row 1 has 'n/a', row 4 has '81,5'\.[\s\S]*pd.to_numeric"):
            turn(df)

    def test_rows_are_named_by_their_label(self):
        df = ward(pulse=[70, "n/a", 72, 80, 81, 82]).set_axis(list("uvwxyz"))
        with pytest.raises(ValueError, match="row 'v' has 'n/a'"):
            turn(df)

    @pytest.mark.parametrize(
        "column",
        [
            [70, 71, np.inf, 80, 81, 82],
            pd.to_datetime(["2024-01-01"] * 6),
            pd.Categorical(list("xyzxyz")),
            [1j, 2, 3, 4, 5, 6],
            np.array([1j, 2, 3, 4, 5, "6"], dtype=object),
        ],
    )
    def test_a_feature_is_a_column_of_finite_numbers(self, column):
        with pytest.raises(ValueError, match="a feature is a column of finite numbers"):
            turn(ward(pulse=column))

    def test_times_that_fall_are_named(self):
        with pytest.raises(
            ValueError, match=r"time falls at row 2 \(b, 1\)\.[\s\S]*sort_values\(\['id', 'hour'\]\)"
        ):
            turn(ward(hour=[0, 2, 1, 0, 1, 2]))

    def test_times_as_text(self):
        with pytest.raises(ValueError, match=r"hour: row 0 has '0', [\s\S]*text sorts '10' before '2'"):
            turn(ward(hour=["0", "1", "2"] * 2))

    @pytest.mark.parametrize(("column", "value"), [("id", None), ("hour", np.nan)])
    def test_rows_without_case_or_time_are_named(self, column, value):
        df = ward().astype({"hour": float})
        df.loc[4, column] = value
        with pytest.raises(ValueError, match=f"no '{column}' in row 4"):
            turn(df)

    def test_a_missing_column_and_the_one_that_is_like_it(self):
        with pytest.raises(
            ValueError, match=r"no column 'puls'; there are 'id', [\s\S]*try:   'pulse', which is similar"
        ):
            turn(ward(), ["puls"])
        with pytest.raises(ValueError, match="one of the names that are there"):
            turn(ward(), ["qqqq"])

    def test_a_column_that_is_the_index(self):
        with pytest.raises(ValueError, match=r"df.reset_index\(\): 'id' is the index"):
            turn(ward().set_index("id"))

    def test_a_column_that_is_there_twice(self):
        df = ward()
        df.columns = ["id", "hour", "pulse", "pulse"]
        with pytest.raises(ValueError, match="2 columns named 'pulse'"):
            turn(df, ["pulse"])

    def test_the_same_column_in_two_roles(self):
        with pytest.raises(ValueError, match="different columns, each named once"):
            turn(ward(), ["pulse", "hour"])

    def test_no_features(self):
        with pytest.raises(ValueError, match="at least one feature"):
            turn(ward(), [])

    def test_features_as_one_name(self):
        with pytest.raises(TypeError, match=r"try:   features=\['pulse'\]"):
            table_to_array(ward(), "id", "hour", "pulse")

    def test_no_rows(self):
        with pytest.raises(ValueError, match="a table without rows"):
            turn(ward().iloc[:0])

    def test_no_table(self):
        with pytest.raises(TypeError, match="df is ndarray"):
            turn(np.zeros((3, 4)))

    def test_the_table_is_left_as_it_was(self):
        df = ward().drop(1)
        before = df.copy()
        turn(df, fill=0)
        pd.testing.assert_frame_equal(df, before)


class TestToChannelsFirst:
    @pytest.mark.parametrize("shape", [(4, 3, 2), (3, 2), (1, 1, 1), (5, 7, 7)])
    def test_arrays_and_tensors(self, shape):
        array = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
        for one in (array, torch.tensor(array)):
            turned = to_channels_first(one)
            assert type(turned) is type(one) and turned.dtype == one.dtype
            for index in np.ndindex(shape):
                assert turned[(*index[:-2], index[-1], index[-2])] == one[index]
        assert to_channels_first(array).flags["C_CONTIGUOUS"]
        assert to_channels_first(torch.tensor(array)).is_contiguous()

    def test_a_data_frame_of_one_recording(self):
        assert to_channels_first(ward()[["pulse", "spo2"]])[0].tolist() == [70, 71, 72, 80, 81, 82]

    @pytest.mark.parametrize(
        ("shape", "advice"), [((4,), r"array\[:, None\]"), ((2, 3, 4, 5), "drop or merge axes")]
    )
    def test_other_numbers_of_axes(self, shape, advice):
        with pytest.raises(
            ValueError, match=rf"{len(shape)} axes\.[\s\S]*two axes \(L, C\) or three[\s\S]*{advice}"
        ):
            to_channels_first(np.zeros(shape))

    def test_no_array(self):
        with pytest.raises(TypeError, match="found: list"):
            to_channels_first([[1, 2], [3, 4]])
        with pytest.raises(TypeError, match=r"to_channels_first\(table.array\)"):
            to_channels_first(turn(ward()))

    @pytest.mark.parametrize("array", [np.array([["a"]]), np.array([[None]]), ward()])
    def test_no_numbers(self, array):
        with pytest.raises(TypeError, match=r"^to_channels_first\(array=<.*\n  found: .* not hold numbers"):
            to_channels_first(array)

    def test_tensors_with_a_gradient_and_without_values(self):
        x = torch.rand(2, 3, 4, requires_grad=True)
        assert torch.equal(to_channels_first(x), x.permute(0, 2, 1)) and to_channels_first(x).requires_grad
        assert to_channels_first(torch.empty(2, 3, 4, device="meta")).shape == (2, 4, 3)


class TestCheckLayout:
    x = np.arange(2 * 4 * 3).reshape(2, 4, 3)

    @pytest.mark.parametrize("axes", [p for p in itertools.permutations(range(3)) if p != (0, 1, 2)])
    def test_permuted_says_which_axes(self, axes):
        check = check_layout(self.x, self.x.transpose(axes))
        assert (check.code, check.axes) == ("permuted", axes)
        assert f"permute({', '.join(map(str, axes))})" in check.text

    def test_the_sentence_follows_each_axis(self):
        check = check_layout(self.x, torch.tensor(self.x).permute(1, 2, 0))
        assert str(check) == (
            "permuted: axis 0 (2) became axis 2, axis 1 (4) became axis 0, axis 2 (3) became axis 1: "
            "permute(1, 2, 0)."
        )
        assert "axis 0 (2) stays" in check_layout(self.x, self.x.transpose(0, 2, 1)).text

    def test_reshaped_names_a_value_that_went_astray(self):
        after = self.x.reshape(2, 3, 4)
        check = check_layout(self.x, after)
        assert check.code == "reshaped" and check.axes is None
        assert "For instance after[0, 0, 1] is before[0, 0, 1]" in check.text
        assert "permute(0, 2, 1) has before[0, 1, 0]" in check.text
        assert after[0, 0, 1] == self.x[0, 0, 1] != self.x[0, 1, 0] == self.x.transpose(0, 2, 1)[0, 0, 1]

    def test_splitting_and_merging_axes_is_said_to_turn_none(self):
        rows = self.x.reshape(8, 3)
        for before, after in ((rows, self.x), (self.x, rows), (self.x, self.x.ravel()), (rows, rows[:, None])):
            check = check_layout(before, after)
            assert check.code == "reshaped" and "split or merged, none was turned" in check.text

    def test_rows_cut_into_cases_and_then_turned(self):
        check = check_layout(self.x.reshape(8, 3), self.x.transpose(0, 2, 1))
        assert (check.code, check.axes) == ("permuted", (0, 2, 1))
        assert "reshaped from (8, 3) to (2, 4, 3), then" in check.text

    def test_rows_cut_at_the_wrong_place(self):
        check = check_layout(self.x.reshape(8, 3), self.x.reshape(2, 3, 4))
        assert check.code == "reshaped" and "no longer mean" in check.text

    def test_equal_sizes_do_not_hide_a_turn(self):
        x = np.arange(3 * 5 * 5).reshape(3, 5, 5)
        assert check_layout(x, x.transpose(0, 2, 1)).axes == (0, 2, 1)
        assert check_layout(x, x).code == "unchanged"

    def test_an_axis_of_size_one_may_be_turned_either_way(self):
        x = np.arange(12).reshape(4, 3, 1)
        assert check_layout(x, x.reshape(4, 1, 3)).code == "permuted"

    def test_neither_when_values_changed_or_were_moved(self):
        assert check_layout(self.x, self.x.transpose(0, 2, 1) + 1).code == "neither"
        assert check_layout(self.x, self.x[:, ::-1]).code == "neither"
        assert "holds 24 values" in check_layout(self.x, self.x[:1]).text

    def test_unclear_when_values_are_equal(self):
        check = check_layout(np.zeros((2, 4, 3)), np.zeros((2, 3, 4)))
        assert check.code == "unclear" and "(permute(0, 2, 1), reshaped)" in check.text
        assert check_layout(np.zeros((2,) * 6), np.zeros((2,) * 6)).text.count("permute") == ANSWERS - 1

    def test_a_cast_and_nan_are_no_change_of_layout(self):
        x = np.random.default_rng(0).standard_normal((3, 5, 2))
        x[0, 0, 0] = np.nan
        assert check_layout(x, x.transpose(0, 2, 1).astype(np.float32)).code == "permuted"
        assert check_layout(x.astype(np.float32), torch.tensor(x).reshape(3, 2, 5)).code == "reshaped"

    @pytest.mark.parametrize(
        ("value", "problem"),
        [
            (None, "is None"),
            ("text", "is a str that does not hold numbers only"),
            (np.array([None]), "is a ndarray that does not hold numbers only"),
            (ward(), "is a DataFrame that does not hold numbers only"),
            ([[1], [2, 3]], "is a list whose rows differ in length"),
            ([object()], "is a list that does not hold numbers only"),
            (torch.zeros(2, device="meta"), r"is a tensor \(2,\) on the meta device"),
        ],
    )
    def test_not_numbers(self, value, problem):
        with pytest.raises((TypeError, ValueError), match=rf"^check_layout\(.*\n  found: after {problem}"):
            check_layout(self.x, value)

    @pytest.mark.parametrize(("shape", "rule"), [((0, 3), "at least one number"), ((1,) * 7, "at most 6 axes")])
    def test_nothing_to_compare(self, shape, rule):
        with pytest.raises(ValueError, match=rf"before (of|has) shape .*\n  rule:  .*{rule}"):
            check_layout(np.zeros(shape), self.x)

    def test_tensors_of_every_kind(self):
        x = torch.rand(3, 5, 2, requires_grad=True)
        assert check_layout(x, x.permute(0, 2, 1)).code == "permuted"
        assert check_layout(list(x), x.permute(0, 2, 1)).code == "permuted"
        assert check_layout(x.bfloat16(), x.bfloat16().permute(0, 2, 1)).code == "permuted"
