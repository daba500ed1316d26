"""Tables as teams export them, written where a test asks for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes, load_wine

WORDS = [
    "sehr",
    "gut",
    "schlecht",
    "prompt",
    "langsam",
    "teuer",
    "billig",
    "wieder",
    "nie",
    "immer",
    "Kunde",
    "Ware",
    "Straße",
]


def wine(folder: Path) -> Path:
    """178 wines with text labels, as CSV."""
    frame = load_wine(as_frame=True).frame.rename(columns={"target": "class"})
    frame["class"] = frame["class"].map({0: "Barolo", 1: "Grignolino", 2: "Barbera"})
    frame.to_csv(folder / "wine.csv", index=False)
    return folder / "wine.csv"


def diabetes(folder: Path) -> Path:
    """442 patients, as Parquet."""
    load_diabetes(as_frame=True).frame.to_parquet(folder / "diabetes.parquet")
    return folder / "diabetes.parquet"


def _nasty_frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = 400
    signal = random.normal(size=rows)
    frame = pd.DataFrame(
        {
            "Kunden-ID": [f"K{number:05d}" for number in range(rows)],
            "Größe in cm": np.round(170 + 10 * signal, 1).astype(object),
            "Datum": pd.date_range("2020-01-01", periods=rows).strftime("%d.%m.%Y"),
            "Aktiv?": random.choice(["ja", "nein"], rows),
            "ist neu": random.choice([True, False], rows),
            "Bemerkung": [" ".join(random.choice(WORDS, 6)) for _ in range(rows)],
            "Stadt": random.choice(["Köln", "München", "a | b"], rows),
            "Ergebnis": np.where(signal + random.normal(size=rows) * 0.7 > 0, "Ja", "Nein"),
            "a__b": random.integers(0, 99, rows),
            "leer": None,
        }
    )
    for column in ("Größe in cm", "Datum", "Bemerkung", "Stadt"):
        frame.loc[random.choice(rows, 30, replace=False), column] = None
    return pd.concat([frame, frame.iloc[:7]], ignore_index=True)


def nasty(folder: Path) -> Path:
    """Gaps, dates, free text, identifiers, booleans, odd names, text labels, repeated rows."""
    file = folder / "Kunden Liste (März).csv"
    _nasty_frame().to_csv(file, index=False, sep=";", encoding="cp1252")
    return file


def nasty_parquet(folder: Path) -> Path:
    """The same with the types Parquet gives them."""
    frame = _nasty_frame()
    frame["Datum"] = pd.to_datetime(frame["Datum"], format="%d.%m.%Y")
    frame["Größe in cm"] = frame["Größe in cm"].astype(float)
    frame.to_parquet(folder / "nasty.parquet")
    return folder / "nasty.parquet"


def large(folder: Path) -> Path:
    """More than a megabyte of CSV."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(size=(8000, 10)), columns=[f"x{i}" for i in range(10)])
    frame["y"] = frame["x0"] * 2 + random.normal(size=8000)
    frame.to_csv(folder / "large.csv", index=False)
    return folder / "large.csv"


def _text(name: str, content: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(content)
        return folder / name

    return write


empty = _text("empty.csv", "")
header_only = _text("header.csv", "a,b\n")
constant = _text("constant.csv", "a,b\n" + "".join(f"{i},1\n" for i in range(50)))
repeated_key = _text(
    "repeated.csv", "id,a,b\n" + "".join(f"{i % 9},{i},{i % 2}\n" for i in range(50))
)
spreadsheet = _text("book.xlsx", "PK")
