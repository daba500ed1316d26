"""The data contract of an adopted model: what the data suggest, less what their code leaves out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelyard.adopt.data_use import Found
from modelyard.adopt.errors import AdoptError
from modelyard.adopt.inspection import Inspection
from modelyard.adopt.interview import Answers
from modelyard.adopt.model_choice import ModelChoice
from modelyard.adopt.source import Place
from modelyard.column_facts import bounds
from modelyard.data import Column, DataContract, infer
from modelyard.values import is_missing

if TYPE_CHECKING:
    import pandas as pd


def contract(found: Inspection, answers: Answers) -> DataContract:
    """The contract; AdoptError names columns their model asks for and would not get."""
    inferred = infer(
        answers.frame, answers.target, answers.row_key, answers.protected, answers.problem
    )
    script = answers.model.script
    dropped = {fact.what: fact for fact in found.found(script, "dropped")}
    taken = {fact.what: fact for fact in found.found(script, "features")}
    read = [_as_read(column, answers.frame) for column in inferred.columns]
    columns = tuple(_used(column, dropped, taken) for column in read)
    if not any(column.use == "feature" for column in columns):
        columns = inferred.columns
    made = DataContract(columns=columns)
    problems = list(_unmet(found, answers, made))
    if problems:
        raise AdoptError(*problems)
    return made


def _as_read(column: Column, frame: pd.DataFrame) -> Column:
    """A feature of few whole numbers is a number to whoever reads it with pandas, as they do."""
    if column.use != "feature" or column.kind != "category":
        return column
    if not all(re.fullmatch(r"0|-?[1-9][0-9]*", text) for text in column.categories):
        return column
    present = [cell for cell in frame[column.name] if not is_missing(cell)]
    missing = column.missing_rate
    number = Column(name=column.name, kind="integer", use="feature", missing_rate=missing)
    return number.model_copy(update=bounds(number, present))


def _used(column: Column, dropped: dict[str, Found], taken: dict[str, Found]) -> Column:
    """A feature, unless their code drops it or takes others only."""
    if column.use != "feature":
        return column
    reason = None
    if column.name in dropped:
        reason = f"dropped at {dropped[column.name].place}"
    elif taken and column.name not in taken:
        reason = f"not among the columns taken at {next(iter(taken.values())).place}"
    return column.model_copy(update={"use": "drop", "reason": reason}) if reason else column


def _unmet(found: Inspection, answers: Answers, made: DataContract) -> Iterator[str]:
    """Columns that the model's code names and that it would not be given."""
    asked = columns_named(answers.model)
    computed = {
        text: fact.place
        for fact in found.computed(answers.model.script)
        for text in _written(fact.what)
    }
    by_name = {column.name: column for column in made.columns}
    for name, place in asked.items():
        if name in by_name and by_name[name].use != "feature":
            column = by_name[name]
            reason = column.reason or f"it is {_SPOKEN[column.use]}"
            yield f"{place}: gives the model '{name}', but {reason}; take it out there" + (
                ", or out of --protected" if column.use == "protected" else ""
            )
        elif name in computed and name not in by_name:
            yield (
                f"{place}: gives the model '{name}', which {computed[name]} computes before "
                f"fitting and {answers.data} does not hold; compute it in a step of the pipeline, "
                "or in the data"
            )


_SPOKEN = {
    "target": "the target",
    "protected": "protected",
    "key": "the row key",
    "drop": "left out",
}


def columns_named(choice: ModelChoice) -> dict[str, Place]:
    """The texts within a model's code and within the lists it names, and where each stands."""
    found: dict[str, Place] = {}
    for node in choice.code:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.setdefault(node.value, choice.where(node))
    return found


def _written(statement: str) -> list[str]:
    """The column a statement writes: `df["ratio"] = ...`."""
    written = re.match(r"""\w+\[["'](.+?)["']\]\s*[-+*/]?=""", statement)
    return [written[1]] if written else []
