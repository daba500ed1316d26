"""Words for yes and no: those of the data contract are familiar, all others are told."""

from typing import Any

import pytest

from modelyard.data import Column, DataContract
from modelyard.monitoring import spelling
from modelyard.monitoring.severity import Thresholds


def contract(form: str | None) -> DataContract:
    return DataContract(
        columns=(
            Column(name="owner", kind="boolean", use="feature", format=form),
            Column(name="paid", kind="boolean", use="target", categories=("false", "true")),
        )
    )


def told(form: str | None, said: list[Any]) -> list[str]:
    rows = [{"owner": value} for value in said]
    stated = contract(form)
    words = spelling.unfamiliar(rows, stated)
    return [one.sentence for one in spelling.findings(words, stated, len(rows), Thresholds())]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (None, [0, 1.0, "1", "0.0", True, "false", None]),
        ("no/yes", ["yes", "NO", True, None]),
        (None, ["maybe", ["yes"]]),
        (None, ["yes"] + [1] * 99),
    ],
    ids=["plain", "as the contract writes them", "not readable at all", "no more than tolerated"],
)
def test_words_of_the_contract_are_no_finding(form: str | None, said: list[Any]) -> None:
    assert told(form, said) == []


@pytest.mark.parametrize(
    ("form", "said", "words"),
    [
        (None, ["Y", "n", 1, 0], "50% of the rows say 'n' or 'y', the data contract '0' or '1'"),
        ("no/yes", [1, 1], "100% of the rows say '1', the data contract 'no' or 'yes'"),
    ],
)
def test_other_words_are_a_recoding(form: str | None, said: list[Any], words: str) -> None:
    (sentence,) = told(form, said)
    assert sentence.startswith(f"owner looks recoded: {words}")
