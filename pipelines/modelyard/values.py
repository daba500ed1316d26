"""How one value of a data set is read, the same way in training, scoring and serving."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

MISSING_TEXTS = frozenset(
    ("", "na", "n/a", "#n/a", "nan", "<na>", "nat", "null", "none", "-", "--", "?", ".")
)
MISSING = "(missing)"
OTHER = "(other)"
TRUE_TEXTS = frozenset(("true", "t", "yes", "y", "on", "1", "1.0"))
FALSE_TEXTS = frozenset(("false", "f", "no", "n", "off", "0", "0.0"))
# How software writes them; whatever else people write is a choice of theirs.
PLAIN_BOOLEANS = frozenset(("0", "1", "false", "true"))
NAN = float("nan")

# How numbers may be punctuated, named by how each writes one thousand and a half.
PLAIN, ENGLISH, EUROPEAN = "1234.5", "1,234.5", "1.234,5"
ISO = "iso"
_EPOCH = datetime(1970, 1, 1)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_ENGLISH = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_EUROPEAN = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
_DECORATION = re.compile(r"[\s€$£¥%']")
# What a whole number becomes when its column also has gaps and so was exported as floats.
_WHOLE_FLOAT = re.compile(r"-?(0|[1-9]\d*)\.0")

Reader = Callable[[Any], Any]


def is_missing(value: Any) -> bool:
    """Whether a value stands for no value: null, NaN, or one of the usual texts."""
    if isinstance(value, str):
        return value.strip().lower() in MISSING_TEXTS
    return value is None or value != value


def as_text(value: Any) -> str:
    """A value as canonical text: 1, 1.0 and numpy's 1 are '1', midnight is a date."""
    if isinstance(value, str):
        text = value.strip()
        return text[:-2] if _WHOLE_FLOAT.fullmatch(text) else text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else _iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):
        return as_text(value.item())
    return as_text(repr(value)) if isinstance(value, float) else str(value)


def read_text(value: Any) -> str:
    """One value as text; a list or an object is several."""
    if isinstance(value, list | dict):
        raise ValueError(f"{shown(value)} is not a single value")
    return as_text(value)


def number_reader(form: str | None) -> Reader:
    """Reads numbers as float; `form` says how their texts are punctuated."""

    def read(value: Any) -> float:
        if isinstance(value, str):
            value = _plain_number(value.strip(), form or PLAIN)
        elif isinstance(value, bool | list | dict):
            raise ValueError(f"{shown(value)} is not a number")
        number = float(value)
        if number in (float("inf"), float("-inf")):
            raise ValueError("is infinite")
        return number

    return read


def _plain_number(text: str, form: str) -> str:
    if _NUMBER.fullmatch(text) and (form != EUROPEAN or not _EUROPEAN.fullmatch(text)):
        return text
    bare = _DECORATION.sub("", text)
    if form == ENGLISH and _ENGLISH.fullmatch(bare):
        return bare.replace(",", "")
    if form == EUROPEAN and _EUROPEAN.fullmatch(bare):
        return bare.replace(".", "").replace(",", ".")
    raise ValueError(f"{shown(text)} is not a number")


def integer_reader(form: str | None) -> Reader:
    """Reads whole numbers as float, so that a missing one can be NaN."""
    number = number_reader(form)

    def read(value: Any) -> float:
        result: float = number(value)
        if result == result and not result.is_integer():
            raise ValueError(f"{shown(value)} is not a whole number")
        return result

    return read


def read_boolean(value: Any) -> float:
    """1.0 or 0.0 for the usual spellings of yes and no."""
    text = as_text(value).lower()
    if text in TRUE_TEXTS:
        return 1.0
    if text in FALSE_TEXTS:
        return 0.0
    raise ValueError(f"{shown(value)} is neither yes nor no")


def date_reader(form: str | None) -> Reader:
    """Reads dates as days since 1970-01-01 UTC; `form` is 'iso' or a strptime format."""

    def read(value: Any) -> float:
        if isinstance(value, datetime):
            return days(value)
        if isinstance(value, date):
            return float((value - _EPOCH.date()).days)
        text = as_text(value)
        if form not in (None, ISO):
            try:
                return days(datetime.strptime(text, str(form)))
            except ValueError:
                raise ValueError(f"{shown(value)} is not a date like {form}") from None
        try:
            return days(datetime.fromisoformat(text))
        except ValueError:
            raise ValueError(f"{shown(value)} is not a date like 2026-01-31") from None

    return read


def days(moment: datetime) -> float:
    """Days since 1970-01-01 UTC."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return (moment - _EPOCH) / timedelta(days=1)


def date_text(day: float, form: str | None) -> str:
    """The date as its data set writes it."""
    moment = _EPOCH + timedelta(days=day)
    if form not in (None, ISO):
        # strftime writes the year 999 with three digits, which strptime does not read.
        return moment.strftime(str(form).replace("%Y", f"{moment.year:04d}"))
    return as_text(moment)


def category_reader(categories: frozenset[str]) -> Reader:
    """Reads one of the known categories; whatever else becomes '(other)'."""

    def read(value: Any) -> str:
        text = read_text(value)
        if text in categories:
            return text
        return text.lower() if text.lower() in categories else OTHER

    return read


def shown(value: Any) -> str:
    """A value as an error message quotes it."""
    text = repr(as_text(value)) if not isinstance(value, list | dict) else type(value).__name__
    return text if len(text) <= 40 else text[:37] + "...'"


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds")
