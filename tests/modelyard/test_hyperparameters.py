"""Hyperparameters have the type of their defaults, and a name that does nothing is refused."""

import pytest

from modelyard.hyperparameters import HyperparameterError, tuned


def test_defaults_stand_where_nothing_is_stated() -> None:
    assert tuned({}, rounds=200, rate=0.05) == {"rounds": 200, "rate": 0.05}


def test_values_take_the_type_of_their_default() -> None:
    stated = {"rounds": "9", "rate": "1", "fast": "true", "loss": "l1"}
    found = tuned(stated, rounds=200, rate=0.05, fast=False, loss="l2")
    assert found == {"rounds": 9, "rate": 1.0, "fast": True, "loss": "l1"}
    assert type(found["rate"]) is float


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ({"round": "9"},
         r"^project\.yaml: training\.hyperparameters\.round: is not tuned by this model; "
         r"did you mean rounds\? it has fast, rounds, and model\.py can give it more$"),
        ({"depth": "9"}, r"\.depth: is not tuned by this model; it has fast, rounds"),
        ({"rounds": "9.5"}, r"\.rounds: '9\.5' is not a whole number; write one$"),
        ({"fast": "1"}, r"\.fast: '1' is not true or false"),
    ],
)  # fmt: skip
def test_mistake_names_the_key_and_the_fix(stated: dict[str, str], reason: str) -> None:
    with pytest.raises(HyperparameterError, match=reason):
        tuned(stated, rounds=200, fast=False)


def test_reweighing_is_the_platforms_and_no_mistake() -> None:
    assert tuned({"reweigh": "sex"}, rounds=200) == {"rounds": 200}
