import datetime
import itertools
import re
import warnings
from pathlib import Path
from unittest import mock

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
        found = r"600 rows, but 200 cases with 600 different times: 119400 of 120000 cells have no row"
        with pytest.raises(ValueError, match=rf"{found}[\s\S]*try:   pad='end'"):
            turn(df, ["x"])
        assert turn(df, ["x"], pad="end").array.shape == (200, 3, 1)

    def test_stays_of_one_length_that_begin_at_different_times_lack_nothing(self):
        df = ward(hour=[10, 11, 12, 11, 12, 13])
        found = "cases of 3 rows that begin at different times: no values for id b at hour 13, id a at hour 10"
        with pytest.raises(ValueError, match=rf"{found}[\s\S]*here it adds nothing"):
            turn(df)
        assert turn(df, pad="end").mask.all()

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

    @pytest.mark.parametrize(
        ("value", "kind"), [(1e40, float), (-1e40, float), (10**60, object), (10**400, object)]
    )
    def test_what_float32_cannot_hold_is_named_and_does_not_become_infinite(self, value, kind):
        with pytest.raises(ValueError, match=r"pulse: row 1 has .*\n  rule:  .*float32|finite numbers"):
            turn(ward(pulse=np.array([70, value, 72, 80, 81, 82], dtype=kind)))

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


def advised(df, features=("pulse", "spo2"), **options):
    """What `turn` advises for a table that it refuses."""
    with pytest.raises(ValueError) as caught:
        turn(df, features, **options)
    return caught.value.parts[2]


def after(df, advice):
    """The table after the first line of an advice, run as a reader would."""
    names = {"df": df.copy(), "pd": pd, "np": np}
    line = re.split(r"\.$|, (?:and|which|or) | and | where | to |: (?!\d)|; (?!df)", advice)[0]
    exec(line, names)
    return names["df"]


SIX = [1.5, 2, 3, 4, 5, 6]


class TestAdviceRunsFirst:
    @pytest.mark.parametrize(
        ("column", "advice", "meant"),
        [
            (["1,5", "2", "3", "4", "5", "6"], ".str.replace(',', '.')).", SIX),
            (["1,5", 2, 3, 4, 5, 6], ".replace(',', '.', regex=True)).", SIX),
            (
                ["1.000,5", "2", "3", "4", "5", "6"],
                ".str.replace('.', '').str.replace(',', '.')).",
                [1000.5, *SIX[1:]],
            ),
            (["1,000,000.5", *"23456"], ".str.replace(',', '')).", [1000000.5, *SIX[1:]]),
            (["1.000.000", *"23456"], ".str.replace('.', '')).", [1000000, *SIX[1:]]),
            (["1 000", *"23456"], r".str.replace(r'\s', '', regex=True)).", [1000, *SIX[1:]]),
            (["1'000", *"23456"], r".str.replace('\'', '')).", [1000, *SIX[1:]]),
            (["−1.5", *"23456"], ".str.replace('−', '-')).", [-1.5, *SIX[1:]]),
            ([f"{one} bpm" for one in SIX], ".str.removesuffix(' bpm')).", SIX),
            (["1,5 %", "2 %", "3 %", "4 %", "5 %", "6"], ".str.removesuffix(' %').str.replace(',', '.')).", SIX),
            (pd.Categorical(["1,5", *"23456"]), ".str.replace(',', '.')).", SIX),
            (pd.Categorical(SIX), ".astype(float).", SIX),
            (pd.Categorical(["1.5", *"2345", None]), ".astype(float).", [*SIX[:5], None]),
            (list("mffmmf"), ".map({'f': 0, 'm': 1}).astype(float).", [1, 0, 0, 1, 1, 0]),
            (pd.Categorical(["f", "m", None, "f", "m", "f"]), ".map({'f': 0, 'm': 1})", [0, 1, None, 0, 1, 0]),
            (
                pd.Categorical(["low", "high", "mid", None, "low", "mid"], ["low", "mid", "high"], ordered=True),
                "which keeps the order of the categories.",
                [0, 2, 1, None, 0, 1],
            ),
            (pd.to_timedelta(SIX, "s"), ".dt.total_seconds().", SIX),
            (pd.to_datetime(SIX, unit="s"), ".dt.total_seconds().", [one - 1.5 for one in SIX]),
            ([*["13.02.2024", "14.02.2024"] * 3], ".dt.total_seconds().", [0, 86400] * 3),
            (pd.period_range("1970-01", periods=6, freq="M"), ".astype('int64').", [0, 1, 2, 3, 4, 5]),
            ([1j, 2, 3, 4, 5, 6], "np.abs(df['pulse']).", [1, 2, 3, 4, 5, 6]),
            ([np.inf, 2, 3, 4, 5, 6], "a gap then stands in 1 of 6 rows, for inf.", [None, *SIX[1:]]),
            (
                np.array([1e40, 2, 3, 4, 5, 10**400], dtype=object),
                "in 2 of 6 rows, for 1e+40, ",
                [None, 2, 3, 4, 5, None],
            ),
            (["n/a", 2, "3,5", 4, 5, 6], "a gap then stands in 1 of 6 rows, for 'n/a'.", [None, 2, 3.5, 4, 5, 6]),
            (
                ["36.5°C", "-", "3°C", "?", "5°C", "6°C"],
                "in 2 of 6 rows, for '-', '?'.",
                [36.5, None, 3, None, 5, 6],
            ),
        ],
        ids=str,
    )
    def test_on_a_feature_that_is_no_column_of_numbers(self, column, advice, meant):
        df = ward(pulse=column)
        tried = advised(df)
        assert advice in tried
        pulse = turn(after(df, tried), fill=-99).array[:, :, 0].ravel()
        assert pulse.tolist() == [np.float32(-99 if one is None else one) for one in meant]

    def test_several_categories_become_a_column_each(self):
        df = ward(pulse=list("xyzxyz"))
        tried = advised(df)
        assert "features=['pulse_x', 'pulse_y', 'pulse_z']: a column for each of 3 categories" in tried
        assert turn(after(df, tried), ["pulse_x", "pulse_y", "pulse_z"]).array[0].tolist() == np.eye(3).tolist()

    def test_many_categories_become_codes_and_a_missing_one_stays_a_gap(self):
        words = [f"word{i:02}" for i in range(30)] * 3
        df = pd.DataFrame({"id": 1, "hour": range(91), "pulse": [*words, None]})
        tried = advised(df, ["pulse"])
        assert "numbers for an nn.Embedding, as 30 categories have no order" in tried
        assert turn(after(df, tried), ["pulse"], fill=-1).array[0, :, 0].tolist() == [*range(30)] * 3 + [-1]

    @pytest.mark.parametrize("column", [["120/80", "121/81"] * 3, [[120, 80], [121, 81]] * 3])
    def test_several_numbers_in_a_cell_become_a_column_each(self, column):
        df = ward(pulse=column)
        table = turn(after(df, advised(df)), ["pulse_0", "pulse_1"])
        assert table.array[0].tolist() == [[120, 80], [121, 81], [120, 80]]

    def test_a_comma_before_three_digits_can_be_either(self):
        tried = advised(ward(pulse=["1,234", "987", "1,100", "2,000", "3,123", "1"]))
        assert "str.replace(',', '.')) where the comma is a decimal point" in tried
        assert "str.replace(',', '')) where it parts thousands" in tried

    @pytest.mark.parametrize(
        "column",
        [
            list("abcdef"),
            ["same"] * 6,
            np.array([1j, 2, 3, 4, 5, "6"], object),
            [{}] * 6,
            ["a b", 1, {}, 2, 3, []],
        ],
    )
    def test_what_no_line_mends_gets_none(self, column):
        assert advised(ward(pulse=column)) == "another column: 'pulse' cannot be read as numbers in any usual way."

    @pytest.mark.parametrize(
        ("times", "advice"),
        [
            (["0", "1", "10"], "pd.to_numeric(df['hour'])."),
            (["0,5", "1,0", "1,5"], "pd.to_numeric(df['hour'].str.replace(',', '.'))."),
            (pd.Categorical([0, 1, 2] * 2), "pd.to_numeric(df['hour'])."),
            (["2024-01-02", "2024-02-01", "2024-03-13"], "pd.to_datetime(df['hour'])."),
            (["2024-01-01", "2024-01-01 12:00", "2024-01-02"], "pd.to_datetime(df['hour'], format='ISO8601')."),
            (["12/02/2024", "13/02/2024", "14/02/2024"], "pd.to_datetime(df['hour'], dayfirst=True)."),
            (["02/12/2024", "02/13/2024", "02/14/2024"], "pd.to_datetime(df['hour'])."),
            (["05.01.2024", "01.02.2024", "02.02.2024"], "pd.to_datetime(df['hour'], dayfirst=True)."),
            (["13.02.24", "14.02.24", "15.02.24"], "pd.to_datetime(df['hour'], format='%d.%m.%y')."),
            (["08:00", "08:15", "08:30"], "pd.to_timedelta(df['hour'] + ':00')."),
            ([datetime.time(8), datetime.time(9), datetime.time(10)], "pd.to_timedelta(df['hour'].astype(str))."),
            (["visit 1", "visit 2", "visit 10"], r"df['hour'].str.extract(r'(\d+)', expand=False).astype(int)."),
        ],
        ids=str,
    )
    @pytest.mark.filterwarnings("ignore:the steps of")
    def test_on_times_as_text(self, times, advice):
        df = ward(hour=times if len(times) == 6 else times * 2)
        assert advised(df) == f"df['hour'] = {advice}"
        assert turn(after(df, advised(df))).array.tolist() == turn(ward()).array.tolist()

    @pytest.mark.parametrize("words", [["Jan", "Feb", "Mar"], ["before", "during", "after"], ["1a2", "2b3", "?"]])
    def test_words_that_pandas_could_only_guess_are_counted(self, words):
        assert advised(ward(hour=words * 2)).startswith("a column that counts the steps")

    def test_dates_that_can_be_read_either_way_are_left_to_the_reader(self):
        tried = advised(ward(hour=["01/02/2024", "02/02/2024", "03/02/2024"] * 2))
        assert "dayfirst=True) where '01/02/2024' names the day first" in tried
        assert "pd.to_datetime(df['hour']) where it names the month first" in tried

    def test_dates_read_with_the_month_first_are_known_by_the_order_of_the_rows(self):
        # 5 January, 1 February, 2 February; and no order at all.
        df = ward(hour=pd.to_datetime(["2024-05-01", "2024-01-02", "2024-02-02"] * 2))
        assert advised(df).startswith("pd.to_datetime(..., dayfirst=True) on 'hour' as it was written")
        df = ward(hour=pd.to_datetime(["2024-05-20", "2024-01-20", "2024-02-20"] * 2))
        assert advised(df) == "df = df.sort_values(['id', 'hour'])."

    def test_a_case_named_in_its_first_row_only(self):
        df = ward(id=["b", None, None, "a", None, None])
        assert "else df = df.dropna(subset=['id']), which drops 4 of 6 rows" in advised(df)
        assert turn(after(df, advised(df))).array.tolist() == turn(ward()).array.tolist()
        # Here the rows that follow would be there twice.
        df = ward(id=["b", None, None, "a", None, None], hour=[0, 0, 0, 1, 1, 1])
        assert advised(df) == "df = df.dropna(subset=['id']), which drops 4 of 6 rows."


class TestSeveralColumnsNameTheCase:
    beds = pd.DataFrame(
        {"ward": [1] * 4 + [2] * 4, "bed": [1, 1, 2, 2] * 2, "row": range(8), "hour": [0, 1] * 4, "x": range(8)}
    )

    def test_a_list_makes_their_pairs_the_cases(self):
        table = table_to_array(self.beds, ["ward", "bed"], "hour", ["x"])
        assert table.array[:, :, 0].tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
        assert table.ids.tolist() == [(1, 1), (1, 2), (2, 1), (2, 2)]

    def test_gaps_name_them_all(self):
        with pytest.raises(ValueError, match="no values for ward 1, bed 2 at hour 0"):
            table_to_array(self.beds.drop(2), ["ward", "bed"], "hour", ["x"], pad=None)

    @pytest.mark.parametrize("case", ["ward", "bed"])
    def test_the_one_that_makes_keys_unique_is_named(self, case):
        other = {"ward": "bed", "bed": "ward"}[case]
        with pytest.raises(
            ValueError, match=rf"try:   case=\['{case}', '{other}'\]: '{other}' tells these rows apart"
        ):
            table_to_array(self.beds, case, "hour", ["x"])

    def test_two_that_do_it_together(self):
        df = pd.concat([self.beds.assign(site=site) for site in "AB"])
        with pytest.raises(ValueError, match=r"case=\['ward', 'bed', 'site'\]: 'bed' and 'site' tell"):
            table_to_array(df, "ward", "hour", ["x"])

    def test_what_was_measured_may_be_no_part_of_the_case(self):
        df = ward().melt(id_vars=["id", "hour"])
        tried = advised(df, ["value"])
        assert tried.endswith("case=['id', 'variable'] where it is part of the case's name.")
        assert "features=['pulse', 'spo2'] where 'variable' says what was measured" in tried
        table = turn(after(df, tried))
        assert dict(zip(table.ids, table.array.tolist(), strict=True)) == dict(
            zip("ba", turn(ward()).array.tolist(), strict=True)
        )

    def test_hours_of_several_days(self):
        days = pd.to_datetime(["2024-01-01", "2024-01-02"]).repeat(2)
        df = pd.DataFrame({"id": 1, "date": days, "hour": [0, 1] * 2, "x": range(4)})
        tried = advised(df, ["x"])
        assert (
            "df['date'] + pd.to_timedelta(df['hour'], unit='h') where 'hour' counts the hours of 'date'" in tried
        )

    def test_rows_that_are_equal_in_all_columns_are_dropped(self):
        df = ward().iloc[[0, 0, 1, 2, 3, 4, 5]]
        assert advised(df) == "df = df.drop_duplicates(): those rows are equal in every column."
        assert turn(after(df, advised(df))).array.tolist() == turn(ward()).array.tolist()

    def test_what_was_measured_twice_is_merged_or_the_first_is_kept(self):
        df = ward(hour=[0, 1, 1, 0, 1, 1])
        assert "to merge what was measured twice, or df = df.drop_duplicates(['id', 'hour'])" in advised(df)
        assert turn(after(df, advised(df))).array[0].tolist() == [[70, 90], [71.5, 91.5]]

    def test_a_number_of_the_row_makes_no_cases(self):
        df = ward(hour=[0, 1, 1, 0, 1, 1], row=range(6))
        assert "case=" not in advised(df)

    def test_a_tuple_is_not_a_list(self):
        with pytest.raises(TypeError, match=r"try:   case=\['ward', 'bed'\]"):
            table_to_array(self.beds, ("ward", "bed"), "hour", ["x"])
        df = ward().rename(columns={"id": ("ward", "bed")})
        assert table_to_array(df, ("ward", "bed"), "hour", ["pulse"]).ids.tolist() == ["b", "a"]

    @pytest.mark.parametrize("case", [[], ["ward", "ward"], ["ward", "hour"], ["nobody"], [["ward"]]])
    def test_lists_that_name_no_case(self, case):
        with pytest.raises(ValueError, match="columns"):
            table_to_array(self.beds, case, "hour", ["x"])


class TestGridsThatWouldBeInvented:
    shifted = ward(hour=[0, 1, 2, 0.5, 1.5, 2.5])

    @pytest.mark.parametrize("options", [{}, {"pad": "end"}, {"fill": 0}])
    def test_steps_between_those_of_other_cases_are_no_gaps(self, options):
        if options == {"fill": 0}:
            found = "6 rows, but 2 cases with 6 different times: 6 of 12 cells have no row"
            with pytest.raises(ValueError, match=found):
                turn(self.shifted, **options)
        tried = advised(self.shifted, **options)
        assert tried.endswith("which counts from each case's own start.")
        assert turn(after(self.shifted, tried), **options).array.tolist() == turn(ward()).array.tolist()

    def test_also_with_dates_and_with_numbers_that_are_not_exact(self):
        hours = pd.to_datetime(["2024-01-01 08:00", "2024-01-01 09:00", "2024-01-01 10:00"])
        df = ward(hour=[*hours, *(hours + pd.Timedelta("20min"))])
        assert turn(after(df, advised(df))).times[1] == np.timedelta64(1, "h")
        df = ward(hour=[0, 0.1, 0.2, 0.05, 0.15, 0.25])
        assert ".round(6)" in advised(df)
        assert turn(after(df, advised(df))).array.tolist() == turn(ward()).array.tolist()

    def test_gaps_that_are_left_then_are_counted(self):
        df = pd.DataFrame({"id": [*"aaaaabbbb"], "hour": [0, 1, 2, 3, 4, 0.5, 1.5, 3.5, 4.5], "x": range(9)})
        tried = advised(df, ["x"])
        assert tried.endswith("which counts from each case's own start; gaps that are left: 1.")
        with pytest.raises(ValueError, match=r"no values for id b at hour 2\.0\."):
            turn(after(df, tried), ["x"])

    def test_times_without_any_distance_in_common_can_only_be_counted(self):
        times = np.sort(np.random.default_rng(0).random((5, 6)), axis=1).ravel()
        df = pd.DataFrame({"id": np.repeat(range(5), 6), "hour": times, "x": 1.0})
        tried = advised(df, ["x"], fill="previous")
        assert tried == "df['hour'] = df.groupby('id').cumcount(), which counts rows, whatever their distance."
        assert turn(after(df, tried), ["x"]).array.shape == (5, 6, 1)

    def test_one_long_case_does_not_invent_the_ends_of_the_others(self):
        hours = [*range(30), *range(5), *range(4)]
        df = pd.DataFrame({"id": [0] * 30 + [1] * 5 + [2] * 4, "hour": hours, "x": 1.0})
        assert advised(df, ["x"], fill=0).startswith("pad='end'")
        assert turn(df, ["x"], pad="end").mask.sum() == 39

    def test_previous_is_advised_where_there_is_one(self):
        assert advised(ward(pulse=[70, None, 72, 80, 81, 82])).startswith("fill='previous', ")
        assert advised(ward(pulse=[None, None, 72, 80, 81, 82])) == "fill=<a number>, or drop these cases."


class TestUnevenSteps:
    @pytest.mark.parametrize(
        ("hours", "words"),
        [
            ([0, 1, 5], "the steps of 'hour' are 1 to 4 long, the longest from 1 to 5: Conv1d takes all steps"),
            (
                pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-05"]),
                "are 1 days 00:00:00 to 3 days 00:00:00 long",
            ),
            (
                pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-05"], utc=True),
                "are 1 days 00:00:00 to 3 days",
            ),
            (np.array([0, 1, 5], np.uint8), "are 1 to 4 long"),
        ],
    )
    def test_are_mentioned_at_the_line_of_the_call(self, hours, words):
        with pytest.warns(UserWarning, match=words) as told:
            turn(ward(hour=[*hours, *hours]))
        assert [Path(one.filename) for one in told] == [Path(__file__)]

    def test_a_step_between_stays_is_nobodys(self):
        df = pd.DataFrame({"id": [0] * 3 + [1] * 3, "hour": [0, 1, 2, 100, 101, 102], "x": 1.0})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            turn(df, ["x"], pad="end")
        with pytest.warns(UserWarning, match="are 1 to 3 long, the longest from 101 to 104"):
            turn(df.replace({"hour": {102: 104}}), ["x"], pad="end")

    @pytest.mark.parametrize(
        "hours",
        [
            pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]),
            pd.period_range("2024-01", periods=3, freq="M"),
            [0, 1.01, 1.99],
        ],
    )
    @pytest.mark.filterwarnings("error")
    def test_months_and_inexact_clocks_are_even(self, hours):
        turn(ward(hour=[*hours, *hours]))


class TestTablesOfOtherKinds:
    def refused(self, df, case="id"):
        with pytest.raises(TypeError) as caught:
            table_to_array(df, case, "hour", ["pulse"])
        return caught.value.parts[0], caught.value.parts[2]

    def of(self, library, name, **methods):
        """An object of a library that need not be installed here."""
        return type(name, (), {"__module__": f"{library}.core"} | methods)()

    def test_polars(self):
        few = {"head": lambda self, n: self}
        frame = self.of("polars", "DataFrame", to_pandas=lambda self: ward(), **few)
        assert self.refused(frame) == ("df is a DataFrame of polars.", "table_to_array(df.to_pandas(), ...).")

        def broken(self):
            raise ModuleNotFoundError("pyarrow")

        frame = self.of(
            "polars", "DataFrame", to_pandas=broken, to_dict=lambda self, as_series: ward().to_dict("list")
        )
        assert self.refused(frame)[1] == "table_to_array(pd.DataFrame(df.to_dict(as_series=False)), ...)."
        lazy = self.of("polars", "LazyFrame", collect=lambda self: frame, **few)
        assert self.refused(lazy)[1] == "pd.read_csv(...) or pd.DataFrame(...)."
        type(frame).to_pandas = lambda self: ward()
        assert self.refused(lazy)[1] == "table_to_array(df.collect().to_pandas(), ...)."

    def test_xarray(self):
        def to_dataframe(self, name=None):
            if name is None and not isinstance(self.dims, dict):
                raise ValueError("an array needs a name")
            return ward().set_index(["id", "hour"])

        dataset = self.of("xarray", "Dataset", to_dataframe=to_dataframe, dims={"id": 2, "hour": 3})
        assert self.refused(dataset)[1] == "table_to_array(df.to_dataframe().reset_index(), ...)."
        array = self.of("xarray", "DataArray", to_dataframe=to_dataframe, dims=("id", "hour"))
        assert self.refused(array)[1] == "table_to_array(df.to_dataframe('value').reset_index(), ...)."
        assert self.refused(array, "who")[1] == "for case and time two of its axes, which are 'id', 'hour'."
        turned = mock.Mock()
        array = self.of("xarray", "DataArray", dims=("hour", "vital", "id"), transpose=turned)
        assert self.refused(array) == (
            "df is a DataArray of xarray.",
            "to_channels_first(df.transpose('id', 'hour', 'vital').to_numpy()), as its axes have names already.",
        )
        assert turned.call_args.args[-3:] == ("id", "hour", "vital")

    @pytest.mark.parametrize(
        ("make", "advice"),
        [
            (lambda: ward().to_dict("list"), "table_to_array(pd.DataFrame(df), ...)."),
            (lambda: ward().to_dict("records"), "table_to_array(pd.DataFrame(df), ...)."),
            (lambda: ward().groupby("id"), "table_to_array(df.obj, ...)."),
            (lambda: ward().set_index(["id", "hour"])["pulse"], "table_to_array(df.reset_index(), ...)."),
            (lambda: ward()["pulse"], "pd.read_csv(...) or pd.DataFrame(...)."),
            (lambda: np.zeros((2, 3)), "pd.DataFrame(df, columns=[...])."),
            (lambda: np.zeros((2, 3, 4)), "to_channels_first(df), no table is needed."),
            (lambda: "ward.csv", "pd.read_csv('ward.csv') where it names a file."),
            (lambda: None, "pd.read_csv(...) or pd.DataFrame(...)."),
        ],
    )
    def test_what_else_may_hold_a_table(self, make, advice):
        assert self.refused(make())[1] == advice


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
