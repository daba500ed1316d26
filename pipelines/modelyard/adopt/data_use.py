"""What a script does with its data: the files it reads, the target, the columns it takes or drops,
and what it computes before it fits, which a served model would have to see too."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from modelyard.adopt import constants
from modelyard.adopt.source import Place, Script, Unit

READERS = ("read_csv", "read_parquet")
_ANSWERS = frozenset(
    ("y", "target", "targets", "label", "labels", "y_all", "y_full", "y_train", "outcome")
)
_CHANGES = frozenset(
    (
        "fillna",
        "get_dummies",
        "merge",
        "assign",
        "replace",
        "dropna",
        "fit_transform",
        "to_datetime",
    )
)


@dataclass(frozen=True)
class Found:
    """Something a script says, and where."""

    what: str
    place: Place


@dataclass(frozen=True)
class DataUse:
    """What one script says about its data."""

    reads: tuple[Found, ...]
    targets: tuple[Found, ...]
    dropped: tuple[Found, ...]
    features: tuple[Found, ...]
    computed: tuple[Found, ...]


def data_use(script: Script) -> DataUse:
    """Gathered from the whole script, functions included."""
    known = constants.assigned(script)
    targets = list(_targets(script, known))
    answers = {found.what for found in targets}
    taken = [found for found in _features(script, known) if found.what not in answers]
    dropped = [found for found in _dropped(script, known) if found.what not in answers]
    return DataUse(
        tuple(_reads(script, known)),
        tuple(targets),
        tuple(dropped),
        tuple(taken),
        tuple(computed(script)),
    )


def _calls(script: Script) -> Iterator[tuple[Unit, ast.Call, str]]:
    """Every call, with the last word of what is called."""
    for unit, node in script.nodes:
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else script.dotted(called)
            yield unit, node, name.rpartition(".")[2]


def _reads(script: Script, known: Mapping[str, ast.expr]) -> Iterator[Found]:
    for unit, call, name in _calls(script):
        if name in READERS:
            argument = call.args[0] if call.args else _keyword(call, "filepath_or_buffer", "path")
            yield Found(constants.path(argument, known), unit.place(call))


def _targets(script: Script, known: Mapping[str, ast.expr]) -> Iterator[Found]:
    """`y = df["x"]`, also recoded; else the second of what is fitted or split."""
    found: dict[str, Found] = {}
    for unit, node in script.nodes:
        pairs = constants.bindings(node) if isinstance(node, ast.stmt) else []
        for name, value in pairs:
            column = _column(value, known) if name.lower() in _ANSWERS else None
            if column:
                found.setdefault(column, Found(column, unit.place(node)))
    if not found:
        for unit, call, name in _calls(script):
            second = {"fit": 1, "train_test_split": 1}.get(name)
            if second is not None and len(call.args) > second:
                column = _column(call.args[second], known)
                if column:
                    found.setdefault(column, Found(column, unit.place(call)))
    yield from found.values()


def _column(node: ast.expr, known: Mapping[str, ast.expr]) -> str | None:
    """The one column an expression takes from a frame, or nothing."""
    columns = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Subscript) and isinstance(inner.value, ast.Name | ast.Attribute):
            columns.add(constants.text(inner.slice, known))
        elif isinstance(inner, ast.Call) and _is_pop(inner):
            columns.add(constants.text(inner.args[0], known))
    if not columns and isinstance(node, ast.Compare):
        node = node.left
    if not columns and isinstance(node, ast.Attribute):
        return None if node.attr in ("values", "columns", "index", "shape") else node.attr
    return columns.pop() if len(columns) == 1 else None


def _is_pop(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "pop" and bool(call.args)


def _dropped(script: Script, known: Mapping[str, ast.expr]) -> Iterator[Found]:
    for unit, call, name in _calls(script):
        if name != "drop":
            continue
        stated = _keyword(call, "columns") or (
            call.args[0] if call.args and _is_column_axis(call) else None
        )
        for column in constants.texts(stated, known):
            yield Found(column, unit.place(call))


def _is_column_axis(call: ast.Call) -> bool:
    axis = _keyword(call, "axis") or (call.args[1] if len(call.args) > 1 else None)
    return isinstance(axis, ast.Constant) and axis.value in (1, "columns")


def _features(script: Script, known: Mapping[str, ast.expr]) -> Iterator[Found]:
    """`X = df[["a", "b"]]` or `df[FEATURES]`, as an assignment or where it is fitted or split."""
    for unit, node in script.nodes:
        values: list[ast.expr] = []
        if isinstance(node, ast.stmt):
            named = constants.bindings(node)
            values = [value for name, value in named if name[:1] in ("X", "x", "f")]
        elif isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if called == "fit" or script.dotted(node.func).endswith("train_test_split"):
                values = [node.args[0]]
        for value in values:
            if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
                columns = constants.texts(value.slice, known)
                if not isinstance(value.slice, ast.Constant):
                    yield from (Found(column, unit.place(node)) for column in columns)


def computed(script: Script) -> Iterator[Found]:
    """Columns that are written before fitting, and tables that are changed."""
    seen = set()
    for unit, node in script.nodes:
        what = None
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(t, ast.Subscript) and _is_text(t.slice) for t in targets):
                what = unit.source(node).splitlines()[0]
        if isinstance(node, ast.Assign) and what is None and isinstance(node.value, ast.Call):
            called = node.value.func
            name = called.attr if isinstance(called, ast.Attribute) else script.dotted(called)
            if name.rpartition(".")[2] in _CHANGES:
                what = unit.source(node).splitlines()[0]
        place = unit.place(node) if what else None
        if what and place and str(place) not in seen:
            seen.add(str(place))
            yield Found(what, place)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _keyword(call: ast.Call, *names: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg in names), None)
