"""Data contracts: strict to load, precise about what breaks them, one reading of every value."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelyard import values
from modelyard.data import Column, DataContract, DataError
from modelyard.requests import RowReader
from modelyard.tables import read_table, to_arrays, to_frame, to_rows

CONTRACT = DataContract.parse(
    {
        "columns": [
            {"name": "id", "kind": "identifier", "use": "key", "unique": True},
            {"name": "amount", "kind": "number", "use": "feature", "min": 0, "max": 100},
            {"name": "count", "kind": "integer", "use": "feature", "missing_rate": 1},
            {"name": "member", "kind": "boolean", "use": "feature", "missing_rate": 1},
            {"name": "since", "kind": "date", "use": "feature", "missing_rate": 1,
             "format": "%d.%m.%Y"},
            {"name": "colour", "kind": "category", "use": "feature", "missing_rate": 1,
             "categories": ["blue", "red"]},
            {"name": "shop", "kind": "category", "use": "feature", "missing_rate": 1,
             "categories": ["1", "2"], "other": "allow"},
            {"name": "note", "kind": "text", "use": "feature", "missing_rate": 1},
            {"name": "bought", "kind": "category", "use": "target", "categories": ["no", "yes"]},
        ]
    }
)  # fmt: skip


def table(**changed: list[Any]) -> pd.DataFrame:
    """Three rows that keep the contract, but for what is changed."""
    kept: dict[str, Any] = {
        "id": ["a", "b", "c"],
        "amount": ["1", "2.5", "99"],
        "count": ["1", "", "3.0"],
        "member": ["yes", "0", None],
        "since": ["01.02.2024", "", "29.02.2024"],
        "colour": ["red", "blue", ""],
        "shop": ["1", "2.0", "9"],
        "note": ["hello", "", "x"],
        "bought": ["no", "yes", "no"],
    }
    return pd.DataFrame({**kept, **changed})


def test_data_that_keep_their_contract_break_nothing() -> None:
    assert CONTRACT.check(table()) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"amount": ["1", "x", "2"]}, "column 'amount': 'x' is not a number in row 2"),
        ({"amount": ["1", "-3", "2"]}, "column 'amount': is below 0 in row 2"),
        ({"amount": ["1", "101", "102"]}, "column 'amount': is above 100 in rows 2, 3"),
        ({"amount": ["1", "", "2"]},
         "column 'amount': more than 0.0% of the values are missing in row 2"),
        ({"count": ["1", "2", "2.5"]}, "column 'count': '2.5' is not a whole number in row 3"),
        ({"member": ["maybe", "yes", "no"]},
         "column 'member': 'maybe' is neither yes nor no in row 1"),
        ({"since": ["", "2024-01-01", ""]},
         "column 'since': '2024-01-01' is not a date like %d.%m.%Y in row 2"),
        ({"colour": ["red", "green", "blue"]}, "column 'colour': is none of blue, red in row 2"),
        ({"bought": ["no", "perhaps", "yes"]}, "column 'bought': is none of no, yes in row 2"),
        ({"id": ["a", "b", "a"]},
         "column 'id': has a value twice; the row key must be unique in rows 1, 3"),
    ],
)  # fmt: skip
def test_violation_names_column_rule_and_rows(changed: dict[str, Any], sentence: str) -> None:
    assert [violation.sentence for violation in CONTRACT.check(table(**changed))] == [sentence]


def test_missing_column_is_a_violation_of_every_row() -> None:
    [violation] = CONTRACT.check(table().drop(columns="colour"))
    assert violation.sentence == "column 'colour': is missing from the data"


def test_many_rows_are_counted_but_not_all_listed() -> None:
    frame = pd.concat([table(id=[f"{n}a", f"{n}b", f"{n}c"], amount=["x"] * 3) for n in range(9)])
    [violation] = CONTRACT.check(frame.reset_index(drop=True))
    assert violation.count == 27
    assert violation.sentence.endswith("in rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...")


def test_contract_survives_its_file(tmp_path: Path) -> None:
    CONTRACT.dump(tmp_path / "contract.yaml", "loans.csv")
    assert DataContract.load(tmp_path / "contract.yaml") == CONTRACT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("columns: []", "columns"),
        ("colums: []", "colums: unknown key"),
        ("columns: [{name: x, kind: nummer, use: target}]", "column 'x': kind"),
        ("columns: [{name: x, kind: number, use: target, maxx: 3}]", "column 'x': maxx: unknown"),
        ("columns: [{name: x, kind: number, use: feature}]", "exactly one column must have"),
        ("columns: [{name: x, kind: number, use: target}]", "no column has 'use: feature'"),
        ("columns: [{name: x, kind: category, use: target}]", "needs its 'categories'"),
        ("columns: [{name: x, kind: number, use: target}, {name: x, kind: text, use: feature}]",
         "'x' is listed twice"),
        ("columns: [", "line 1"),
    ],
)  # fmt: skip
def test_unusable_contract_says_where_and_why(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "contract.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=message) as error:
        DataContract.load(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.csv", None, "no such file"),
        ("empty.csv", b"", "is empty"),
        ("header.csv", b"a,b\n", "no rows"),
        ("twice.csv", b"a,a\n1,2\n", "appears twice"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", "is no readable CSV"),
        ("book.csv", b"PK\x03\x04rest", "spreadsheet"),
        ("broken.parquet", b"PAR1rest", "no readable Parquet"),
    ],
)
def test_unreadable_file_is_one_line(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path / name)


def test_names_are_trimmed_and_unnamed_columns_get_one(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("\ufeff, größe (m²) \n0,1\n".encode())
    assert list(read_table(tmp_path / "t.csv").columns) == ["unnamed 1", "größe (m²)"]


def test_text_of_a_csv_is_not_reinterpreted(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("code;n\n007;NA\n")
    frame = read_table(tmp_path / "t.csv")
    assert frame.to_dict("records") == [{"code": "007", "n": "NA"}]


def test_value_that_cannot_be_read_names_row_and_column() -> None:
    rows: list[dict[str, Any]] = table().to_dict("records")  # type: ignore[assignment]
    with pytest.raises(DataError, match="row 2, column 'amount': 'x' is not a number"):
        to_frame([rows[0], {**rows[1], "amount": "x"}], CONTRACT)
    with pytest.raises(DataError, match="row 1: column 'amount' is missing"):
        to_frame([{"id": "a"}], CONTRACT)


TEXTS = st.text(max_size=8)
CELLS = {
    "amount": st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9),
    "count": st.none() | st.integers(-(2**53), 2**53),
    "member": st.none() | st.booleans() | st.sampled_from(["yes", "No", "1", "0.0", "?"]),
    "since": st.none() | st.dates().map(lambda day: f"{day:%d.%m.}{day.year:04d}"),
    "colour": st.none() | st.sampled_from(["red", "BLUE", "green"]),
    "shop": st.none() | st.sampled_from([1, 2.0, "1.0", "7", True]),
    "note": st.none() | TEXTS,
}


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=5))
def test_rows_are_read_alike_one_by_one_as_a_frame_and_again(rows: list[dict[str, Any]]) -> None:
    columns = CONTRACT.feature_columns
    arrays = to_arrays(rows, columns)
    framed = to_arrays(pd.DataFrame(rows, dtype=object), columns)
    again = to_arrays(to_rows(arrays, columns), columns)
    reader = RowReader(columns)
    for position, row in enumerate(rows):
        read = reader.read(row, 1)
        for name, value in zip(CONTRACT.features, read, strict=True):
            found = {repr(value)}
            found |= {repr(_plain(a[name][position])) for a in (arrays, framed, again)}
            assert len(found) == 1, (name, row[name], found)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else float(value)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_survives_its_text(number: float) -> None:
    assert values.number_reader(None)(repr(number)) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.0, "1"), ("1.0", "1"), (" x ", "x"), ("01.0", "01.0"), (1.5, "1.5"),
     (True, "true"), (pd.Timestamp("2024-01-02"), "2024-01-02")],
)  # fmt: skip
def test_one_value_has_one_text(value: Any, text: str) -> None:
    assert values.as_text(value) == text


def test_bounds_and_rates_are_refused_where_they_contradict() -> None:
    with pytest.raises(ValueError, match="min is above max"):
        Column(name="x", kind="number", use="feature", min=2, max=1)
