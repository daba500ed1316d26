"""What happens when a file is merely imported: a training script that does its work then cannot be
used for the functions in it."""

from __future__ import annotations

import ast

from modelyard.adopt import constants
from modelyard.adopt.source import Place, Script, Unit

# Calls that prepare a session and touch no data.
_HARMLESS = (
    "warnings.", "logging.", "matplotlib.", "seaborn.set", "numpy.random.seed", "random.seed",
    "pandas.set_option", "os.environ.setdefault", "sys.path.", "load_dotenv", "dotenv.",
)  # fmt: skip
_WORK = frozenset(
    ("fit", "fit_transform", "fit_predict", "predict", "train_test_split", "dump", "to_csv", "open")
)


def effects(script: Script) -> list[Place]:
    """The statements that do work whenever the file is imported."""
    return [
        unit.place(statement)
        for unit, statement in script.statements
        if _works(script, unit, statement)
    ]


def _works(script: Script, unit: Unit, statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        if not isinstance(statement.value, ast.Call):
            return False
        return not script.dotted(statement.value.func).startswith(_HARMLESS)
    if isinstance(statement, ast.If):
        if _is_guard(statement):
            return False
        return any(_works(script, unit, inner) for inner in [*statement.body, *statement.orelse])
    if isinstance(statement, ast.For | ast.While | ast.With):
        return True
    values = [value for _, value in constants.bindings(statement)]
    return any(_is_work(script, node) for value in values for node in ast.walk(value))


def _is_guard(statement: ast.If) -> bool:
    """`if __name__ == "__main__":` or `if TYPE_CHECKING:`"""
    return any(
        isinstance(node, ast.Name) and node.id in ("__name__", "TYPE_CHECKING")
        for node in ast.walk(statement.test)
    )


def _is_work(script: Script, node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else script.dotted(node.func)
    last = name.rpartition(".")[2]
    return last in _WORK or last.startswith("read_")
