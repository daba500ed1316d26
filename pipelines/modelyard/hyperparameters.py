"""What project.yaml tunes about a model, typed by the defaults its code states.

    settings = tuned(hyperparameters, n_estimators=200, learning_rate=0.05)

SageMaker passes hyperparameters on as texts; a misspelt one would be ignored without a word.
"""

import difflib
from collections.abc import Mapping
from typing import Any

from modelyard.errors import ModelyardError
from modelyard.mitigation import REWEIGH

_KEY = "project.yaml: training.hyperparameters"
_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
_BOOLEANS = {"true": True, "false": False}


class HyperparameterError(ModelyardError):
    """A hyperparameter that the model code does not have, or a value of another type."""


def tuned(stated: Mapping[str, str], **defaults: bool | int | float | str) -> dict[str, Any]:
    """The defaults, with what is stated in their place and of their type.

    Raises:
        HyperparameterError: A name is not among the defaults, or a value cannot be read.
    """
    for name in stated:
        if name not in defaults and name != REWEIGH:
            close = difflib.get_close_matches(name, defaults, n=1)
            meant = f"did you mean {close[0]}? " if close else ""
            raise HyperparameterError(
                f"{_KEY}.{name}: is not tuned by this model; {meant}"
                f"it has {', '.join(sorted(defaults))}, and model.py can give it more"
            )
    return {
        name: _read(name, stated[name], type(default)) if name in stated else default
        for name, default in defaults.items()
    }


def _read(name: str, text: str, kind: type) -> Any:
    try:
        return _BOOLEANS[text.lower()] if kind is bool else kind(text)
    except (ValueError, KeyError):
        raise HyperparameterError(
            f"{_KEY}.{name}: '{text}' is not {_KINDS[kind]}; write one"
        ) from None
