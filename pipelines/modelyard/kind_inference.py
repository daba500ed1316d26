"""What kind of values a column holds, judged from a sample of them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from modelyard import values
from modelyard.data import Kind

MAX_CATEGORIES = 50
MAX_INTEGER_CATEGORIES = 10
_DATE_FORMATS = (
    "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y",
    "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y",
    "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d",
)  # fmt: skip
_CODE = re.compile(r"[+-]?0\d+")
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_KEY_NAME = re.compile(r"(^|[_\W])(id|key|nr|no|number|uuid|guid|ref)$|Id$|ID$", re.IGNORECASE)


class Guess(NamedTuple):
    """A column's kind, how its texts are written, and which of its texts mean 'missing'."""

    kind: Kind
    format: str | None = None
    missing: tuple[str, ...] = ()


def guess_kind(name: str, cells: Sequence[Any]) -> Guess:
    """The kind of a column with at least one value; `cells` holds no missing values."""
    texts = Counter(values.as_text(cell) for cell in cells)
    if all(isinstance(cell, date) for cell in cells):
        return Guess("date", values.ISO)
    if _all_booleans(cells, texts):
        return Guess("boolean", _spelling(texts))
    if any(_CODE.fullmatch(text) for text in texts):
        return _guess_text(name, texts)
    if any(isinstance(cell, bool) for cell in cells):
        return Guess("category")
    day_format = _date_format(texts)
    if day_format is not None:
        return Guess("date", day_format)
    form, words = _number_form(texts)
    if form is None:
        return _guess_text(name, texts)
    return _guess_number(name, texts, form, words)


def _all_booleans(cells: Sequence[Any], texts: Counter[str]) -> bool:
    lowered = {text.lower() for text in texts}
    both = lowered & values.TRUE_TEXTS and lowered & values.FALSE_TEXTS
    known = lowered <= values.TRUE_TEXTS | values.FALSE_TEXTS
    return known and (bool(both) or all(isinstance(cell, bool) for cell in cells))


def _spelling(texts: Counter[str]) -> str | None:
    """The words that say no and yes, as in 'no/yes'; None where these are 0, 1, false and true."""
    words = {text.lower() for text in texts}
    if words <= values.PLAIN_BOOLEANS:
        return None
    return "/".join(sorted(words, key=lambda word: (word in values.TRUE_TEXTS, word)))


def _reads(read: Callable[[Any], Any], texts: Iterable[str]) -> bool:
    try:
        for text in texts:
            read(text)
    except ValueError:
        return False
    return True


def _date_format(texts: Counter[str]) -> str | None:
    if not all(6 <= len(text) <= 35 and any(map(str.isdigit, text)) for text in texts):
        return None
    dashed = all("-" in text[1:] for text in texts)
    if dashed and _reads(values.date_reader(values.ISO), texts):
        return values.ISO
    for form in _DATE_FORMATS:
        # Eight digits are a date only between 1900 and 2099, and only when written as such.
        if form == "%Y%m%d" and not all(re.fullmatch(r"(19|20)\d{6}", text) for text in texts):
            continue
        if _reads(values.date_reader(form), texts):
            return form
    return None


def _number_form(texts: Counter[str]) -> tuple[str | None, tuple[str, ...]]:
    """How the numbers are punctuated, and up to three words that stand for a missing one."""
    rows = texts.total()
    # '83.014 €' is eighty-three thousand when no value is written any other way.
    grouped = not any("," in text for text in texts)
    punctuated = (values.EUROPEAN, values.ENGLISH) if grouped else (values.ENGLISH, values.EUROPEAN)
    for form in (values.PLAIN, *punctuated):
        read = values.number_reader(form)
        words = [text for text in texts if not _reads(read, [text])]
        if not words:
            return form, ()
        if len(words) <= 3 and sum(texts[word] for word in words) <= 0.1 * rows:
            others = [text for text in texts if text not in words]
            wordy = not any(char.isdigit() for word in words for char in word)
            if wordy and others and _reads(read, others):
                return form, tuple(sorted(words))
    return None, ()


def _guess_number(name: str, texts: Counter[str], form: str, words: tuple[str, ...]) -> Guess:
    written = None if form == values.PLAIN else form
    read = values.number_reader(form)
    numbers = {text: read(text) for text in texts if text not in words}
    if not all(number.is_integer() for number in numbers.values()):
        return Guess("number", written, words)
    if written is None and not words:
        rows, distinct = texts.total(), len(texts)
        if distinct == rows and rows >= 20 and _looks_like_key(name, list(numbers.values())):
            return Guess("identifier")
        if distinct <= MAX_INTEGER_CATEGORIES and rows >= 10 * distinct:
            return Guess("category")
    return Guess("integer", written, words)


def _looks_like_key(name: str, numbers: list[float]) -> bool:
    consecutive = max(numbers) - min(numbers) + 1 == len(numbers)
    return consecutive or _KEY_NAME.search(name) is not None


def _guess_text(name: str, texts: Counter[str]) -> Guess:
    rows, distinct = texts.total(), len(texts)
    if all(_UUID.fullmatch(text) for text in texts):
        return Guess("identifier")
    one_word = sum(" " not in text for text in texts) >= 0.95 * distinct
    if one_word and rows >= 20 and distinct >= 0.95 * rows:
        return Guess("identifier")
    if one_word and _KEY_NAME.search(name) and distinct > MAX_CATEGORIES:
        return Guess("identifier")
    average = sum(len(text) for text in texts) / distinct
    many = distinct > max(MAX_CATEGORIES, 0.05 * rows) or (distinct > 0.5 * rows and distinct > 10)
    if not one_word and many and average > 10:
        return Guess("text")
    return Guess("category")
