"""Which of a repo's models is adopted: a function of theirs, or an expression to be copied."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from modelyard.adopt import builders, constants, inspection
from modelyard.adopt.builders import Builder, Expression
from modelyard.adopt.errors import AdoptError
from modelyard.adopt.extract import Extract, NotSelfContainedError, extract
from modelyard.adopt.inspection import Inspection
from modelyard.adopt.source import Place, Script

_NETWORKS = "a network of PyTorch comes with the template (framework: pytorch), no other is kept"
OTHERS = {
    "catboost": "LightGBM and XGBoost are kept without pickle",
    "keras": _NETWORKS,
    "statsmodels": "scikit-learn has the same models",
    "tensorflow": _NETWORKS,
    "torch": _NETWORKS,
}
GUARD = 'if __name__ == "__main__":'


@dataclass(frozen=True)
class ModelChoice:
    """A model of theirs, and the script it is in."""

    script: Script
    made: Builder | Expression
    copied: Extract | None = None

    @property
    def place(self) -> Place:
        return self.made.place

    @property
    def module(self) -> str:
        return inspection.module_name(self.script.file)

    @property
    def code(self) -> Iterator[ast.AST]:
        """Everything the model is built by: its code, and what that names in the same script."""
        named: dict[str, ast.AST] = {**constants.assigned(self.script)}
        for _, statement in self.script.statements:
            if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                named[statement.name] = statement
        made = self.made
        waiting = [named.pop(made.name) if isinstance(made, Builder) else made.node]
        while waiting:
            for node in ast.walk(waiting.pop()):
                yield node
                if isinstance(node, ast.Name) and node.id in named:
                    waiting.append(named.pop(node.id))

    def where(self, node: ast.AST) -> Place:
        """Where a piece of the script stands."""
        found = (unit.place(other) for unit, other in self.script.nodes if other is node)
        return next(found, self.place)

    @property
    def spoken(self) -> str:
        """What people call it on the command line."""
        if isinstance(self.made, Builder):
            return f"{self.module}:{self.made.name}"
        return str(self.place)

    @property
    def exact(self) -> str:
        """The same, also where a line makes several: `train.py:9:RandomForestClassifier`."""
        if isinstance(self.made, Builder) or not self.made.learners:
            return self.spoken
        return f"{self.place}:{self.made.learners[0]}"


def candidates(found: Inspection) -> list[ModelChoice]:
    """Their functions that give a model back, or else the models made in passing."""
    functions = [ModelChoice(script, one) for script, one in found.builders]
    return functions or [ModelChoice(script, one) for script, one in found.expressions]


def named(found: Inspection, word: str) -> ModelChoice:
    """What `--estimator` names: module:function, or the place of an expression."""
    everything = [ModelChoice(script, one) for script, one in found.builders]
    everything += [
        ModelChoice(script, one) for script in found.scripts for one in builders.expressions(script)
    ]
    fitting = [one for one in everything if word in (one.spoken, one.exact, str(one.place))]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(one.exact for one in fitting or everything) or "none was found"
    if fitting:
        raise AdoptError(f"--estimator {word}: is several; name one of {known}")
    raise AdoptError(f"--estimator {word}: builds no unfitted model; those found: {known}")


def none_found(found: Inspection) -> AdoptError:
    """Why there is nothing to adopt, and what there should be."""
    foreign = [one for script in found.scripts for one in builders.foreign(script)]
    if foreign:
        return AdoptError(
            *(f"{place}: {what} cannot be kept as a model file; use {instead}"
              for place, what, instead in foreign)
        )  # fmt: skip
    broken = [f"{one.place}: {one.reason}" for one in found.unreadable]
    others = [
        f"{script.file}: imports {package}; {advice}"
        for script in found.scripts
        for package, advice in OTHERS.items()
        if any(name.partition(".")[0] == package for name in script.imports.values())
    ]
    return AdoptError(
        *broken,
        *others,
        "no model was found: no script or notebook makes an estimator of scikit-learn, LightGBM or "
        "XGBoost; write a function that gives one back unfitted, such as make_model() in train.py",
    )


def settled(found: Inspection, choice: ModelChoice) -> ModelChoice:
    """The choice, ready to be used; AdoptError says what in their code is in the way."""
    _refuse_own_steps(found, choice)
    if isinstance(choice.made, Expression):
        return _copied(choice, choice.made)
    file: PurePosixPath = choice.script.file
    if not inspection.importable(file):
        raise AdoptError(
            f"{file}: cannot be imported by that name; rename it, to letters, digits and _ that no "
            "module of Python has"
        )
    beside = inspection.sibling_imports(found, choice.script)
    if beside:
        raise AdoptError(
            f"{file}: imports {', '.join(beside)} from its own folder, which works only when it is "
            f"run from there; write `from {choice.module.rpartition('.')[0]} import {beside[0]}`"
        )
    work = found.work_on_import(choice.script)
    if work:
        more = f" (and {len(work) - 1} more)" if len(work) > 1 else ""
        raise AdoptError(
            f"{work[0]}: runs whenever {choice.made.name} is imported{more}; put what the script "
            f"does below `{GUARD}` and run adopt again"
        )
    return choice


def _refuse_own_steps(found: Inspection, choice: ModelChoice) -> None:
    """A model file holds no code: a step of the team's own could not be loaded again."""
    own = {
        name: place
        for script in found.imported(choice.script)
        for name, place in builders.own_steps(script)
    }
    for node in choice.code:
        name = choice.script.dotted(node).rpartition(".")[2] if isinstance(node, ast.Name) else ""
        if name in own or name == "FunctionTransformer":
            raise AdoptError(
                f"{own.get(name, choice.where(node))}: {name} is code of your own, which a model "
                "file without pickle cannot hold; use scikit-learn's own steps, or compute it in "
                "the data"
            )


def _copied(choice: ModelChoice, made: Expression) -> ModelChoice:
    try:
        return ModelChoice(choice.script, made, extract(choice.script, made))
    except NotSelfContainedError as error:
        raise AdoptError(
            f"{made.place}: the model stands on '{error}', which only a run of "
            f"{choice.script.file} knows, so it cannot be built alone; put it in a function there, "
            f"`def make_model({error}):`, and what the script does below `{GUARD}`"
        ) from None
