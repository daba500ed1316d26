"""Takes a model's expression out of a script, with the plain statements it stands on.

Names are followed to imports and to assignments of literals or of scikit-learn's own objects.
Columns that a script picks by their kind (`X.select_dtypes(...)`) become the contract's.
"""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass

from modelyard.adopt import constants
from modelyard.adopt.builders import Expression
from modelyard.adopt.source import Script

_TEXTS = ("object", "category", "str", "string", "bool", "boolean", "'O'")
NUMBERS = "[column.name for column in contract.feature_columns if is_numeric(column)]"
OTHERS = "[column.name for column in contract.feature_columns if not is_numeric(column)]"


@dataclass(frozen=True)
class Extract:
    """A model's expression with what it needs: imports, and statements in their order."""

    imports: tuple[str, ...]
    statements: tuple[str, ...]
    expression: str


class NotSelfContainedError(Exception):
    """The expression stands on something that only a run of the script knows; its name."""


def extract(script: Script, expression: Expression) -> Extract:
    """The expression on its own; NotSelfContainedError names what it cannot go without."""
    known = constants.assigned(script)
    if expression.inside:
        known |= _local(script, expression)
    taken: dict[str, str] = {}
    imports: set[str] = set()
    _follow(script, expression.node, known, taken, imports, ())
    lines = tuple(f"{name} = {text}" for name, text in taken.items())
    return Extract(tuple(sorted(imports)), lines, expression.text)


def _local(script: Script, expression: Expression) -> dict[str, ast.expr]:
    """What the function around the expression gives names to, once."""
    for _, statement in script.statements:
        if isinstance(statement, ast.FunctionDef) and statement.name == expression.inside:
            pairs = [
                pair
                for node in ast.walk(statement)
                if isinstance(node, ast.stmt)
                for pair in constants.bindings(node)
            ]
            names = [name for name, _ in pairs]
            return {name: value for name, value in pairs if names.count(name) == 1}
    return {}


def _follow(
    script: Script,
    node: ast.expr,
    known: dict[str, ast.expr],
    taken: dict[str, str],
    imports: set[str],
    above: tuple[str, ...],
) -> None:
    """Adds to `taken` and `imports` what the names in an expression stand for."""
    own = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for name in _names(node):
        if name in taken or name in own or (hasattr(builtins, name) and name not in known):
            continue
        if name in script.imports:
            imports.add(_import(script, name))
        elif name in known and name not in above:
            columns = by_kind(known[name])
            if columns is None:
                if not _is_plain(script, known[name]):
                    raise NotSelfContainedError(name)
                _follow(script, known[name], known, taken, imports, (*above, name))
            else:
                imports.add("from modelyard.tables import is_numeric")
            taken[name] = columns or _source(script, known[name])
        else:
            raise NotSelfContainedError(name)


def _names(node: ast.expr) -> list[str]:
    """Names that are read, in the order in which they stand."""
    read = (n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return list(dict.fromkeys(name.id for name in read))


def _import(script: Script, name: str) -> str:
    if script.imports[name].startswith("."):
        raise NotSelfContainedError(name)
    return script.import_lines[name]


def _is_plain(script: Script, value: ast.expr) -> bool:
    """Whether a value is made of literals and of scikit-learn's (or a booster's) own objects."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call):
            package = script.dotted(node.func).partition(".")[0]
            if package not in ("sklearn", "lightgbm", "xgboost", "dict", "list", "range", "numpy"):
                return False
        if isinstance(node, ast.Attribute) and not script.dotted(node).startswith(
            ("sklearn", "lightgbm", "xgboost", "numpy")
        ):
            return False
        if isinstance(node, ast.Subscript | ast.Lambda | ast.Await):
            return False
    return True


def by_kind(value: ast.expr) -> str | None:
    """The contract's columns, where a script picks its own by `select_dtypes`."""
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "select_dtypes":
            stated = [*node.args, *(keyword.value for keyword in node.keywords)]
            texts = any(word in ast.unparse(one) for one in stated for word in _TEXTS)
            excluded = any(keyword.arg == "exclude" for keyword in node.keywords)
            return OTHERS if texts != excluded else NUMBERS
    return None


def _source(script: Script, value: ast.expr) -> str:
    for unit, node in script.nodes:
        if node is value:
            return unit.source(value)
    return ast.unparse(value)
