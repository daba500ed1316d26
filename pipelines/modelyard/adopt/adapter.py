"""The adapter: the few lines by which Modelyard gets a team's own model."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Mapping

from modelyard.adopt import preparation
from modelyard.adopt.builders import Builder
from modelyard.adopt.errors import AdoptError
from modelyard.adopt.extract import NUMBERS, OTHERS
from modelyard.adopt.model_choice import ModelChoice
from modelyard.data import DataContract

FILE = "modelyard_adapter.py"
_SIGNATURE = "def build_model(contract: DataContract, hyperparameters: Mapping[str, str]) -> Any:"
_KNOWN: Mapping[str, str] = {
    r"contract|data_contract": "contract",
    r"hyperparameters": "hyperparameters",
    r"(num|numeric|numerical|continuous)(s|_.*)?|numbers": NUMBERS,
    r"(cat|cats|categorical|categories|nominal)(_.*)?": OTHERS,
    r"(all_)?(features|columns|cols)|feature_(names|cols|columns)": "list(contract.features)",
}
_TUNED = "from modelyard.hyperparameters import tuned"


def code(choice: ModelChoice, contract: DataContract) -> str:
    """What project.yaml states as model.code: their own function where it fits as it is."""
    made = choice.made
    if isinstance(made, Builder) and not preparation.kind(choice, contract):
        names = tuple(name for name, default in made.arguments if default is None)
        if names == ("contract", "hyperparameters"):
            return choice.spoken
    return f"{FILE.removesuffix('.py')}:build_model"


def adapter(choice: ModelChoice, contract: DataContract) -> str:
    """The text of the adapter."""
    imports = {
        "from collections.abc import Mapping",
        "from typing import Any",
        "from modelyard.data import DataContract",
    }
    if isinstance(choice.made, Builder):
        lines: list[str] = []
        model, needed = _called(choice.made)
        imports |= {f"from {choice.module} import {choice.made.name}", *needed}
        words = f"It is {choice.made.name} of {choice.script.file}, as it is there."
    else:
        assert choice.copied is not None
        lines = [*choice.copied.statements]
        model = choice.copied.expression
        imports |= set(choice.copied.imports)
        words = f"A copy of what stands at {choice.place}."
    before, needed = preparation.lines(choice, contract)
    imports |= needed
    if before and choice.made.is_pipeline:
        # One pipeline, not one in another: what comes last decides how a model is kept and served.
        lines = [*before, *lines, f"theirs = {model}"]
        imports.add("from sklearn.pipeline import Pipeline")
        model = f'Pipeline([("{preparation.NAME}", {preparation.NAME}), *theirs.steps])'
    elif before:
        lines = [*before, *lines]
        imports.add("from sklearn.pipeline import make_pipeline")
        model = f"make_pipeline({preparation.NAME}, {model})"
    body = textwrap.indent("\n".join([*lines, f"return {model}"]), "    ")
    return (
        f'"""How Modelyard gets the model of this repo.\n\n{words}\n"""\n\n'
        f"{_sorted(imports)}\n\n\n{_SIGNATURE}\n"
        f'    """An unfitted model; hyperparameters are those of project.yaml."""\n{body}\n'
    )


def _called(made: Builder) -> tuple[str, set[str]]:
    """The call of their function, and what it needs imported."""
    passed, tuned, needed, unknown = [], [], set(), []
    for name, default in made.arguments:
        if default is None:
            known = next((v for k, v in _KNOWN.items() if re.fullmatch(k, name.lower())), None)
            if known is None:
                unknown.append(name)
                continue
            passed.append(f"{name}={known}")
            needed |= {preparation.NUMERIC} if "is_numeric" in known else set()
        elif _is_tunable(default):
            tuned.append(f"{name}={_literal(default)}")
    if unknown:
        raise AdoptError(
            f"{made.place}: {made.name} needs {', '.join(unknown)}, which Modelyard cannot know; "
            "give a default, or name it numeric_columns, categorical_columns or feature_names"
        )
    if tuned:
        passed.append(f"**tuned(hyperparameters, {', '.join(tuned)})")
        needed.add(_TUNED)
    call = f"{made.name}({', '.join(passed)})"
    return (
        call if len(call) < 80 else f"{made.name}(\n    " + ",\n    ".join(passed) + ",\n)"
    ), needed


def _literal(default: ast.expr) -> str:
    text = isinstance(default, ast.Constant) and isinstance(default.value, str)
    return json.dumps(ast.literal_eval(default)) if text else ast.unparse(default)


def _is_tunable(default: ast.expr) -> bool:
    value = default.operand if isinstance(default, ast.UnaryOp) else default
    return isinstance(value, ast.Constant) and isinstance(value.value, bool | int | float | str)


def _sorted(imports: set[str]) -> str:
    """Import lines in the usual two groups, one line per module."""
    modules: dict[str, set[str]] = {}
    plain = sorted(line for line in imports if line.startswith("import "))
    for line in imports - set(plain):
        module, _, names = line.removeprefix("from ").partition(" import ")
        modules.setdefault(module, set()).update(names.split(", "))
    lines = [f"from {m} import {', '.join(sorted(n))}" for m, n in sorted(modules.items())]
    standard = [line for line in lines if line.startswith(("from collections", "from typing"))]
    rest = [line for line in lines if line not in standard]
    return "\n".join([*standard, "", *plain, *rest])
