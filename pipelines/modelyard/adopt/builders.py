"""Where a script builds its model: functions that give an unfitted one back, or expressions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from modelyard.adopt import constants, kinds
from modelyard.adopt.source import Place, Script, Unit


@dataclass(frozen=True)
class Builder:
    """A function that gives back an unfitted model."""

    name: str
    place: Place
    complete: bool  # whether it prepares the columns itself
    is_pipeline: bool
    learners: tuple[str, ...]
    arguments: tuple[tuple[str, ast.expr | None], ...]  # with their defaults


@dataclass(frozen=True)
class Expression:
    """An expression that makes a model, outside of a function that gives it back unfitted."""

    node: ast.Call
    unit: Unit
    place: Place
    complete: bool
    is_pipeline: bool
    learners: tuple[str, ...]
    inside: str | None  # the function it is in

    @property
    def text(self) -> str:
        return self.unit.source(self.node)


def builders(script: Script) -> list[Builder]:
    """The script's functions that give back a model they did not fit."""
    found = []
    for unit, statement in script.statements:
        if isinstance(statement, ast.FunctionDef):
            made = _made(script, statement)
            if made is not None and not _fits(statement):
                found.append(_builder(script, statement, made, unit.place(statement)))
    return found


def _builder(script: Script, function: ast.FunctionDef, made: ast.expr, place: Place) -> Builder:
    is_pipeline = kinds.kind(script, made) == "pipeline"
    return Builder(
        function.name,
        place,
        is_pipeline or _holds_pipeline(script, function),
        is_pipeline,
        tuple(kinds.learners(script, function)),
        _arguments(function),
    )


def expressions(script: Script) -> list[Expression]:
    """Models made where no function gives them back unfitted: the outermost calls, in order."""
    builders_of = {builder.name for builder in builders(script)}
    found = []
    for unit, statement in script.statements:
        name = statement.name if isinstance(statement, ast.FunctionDef) else None
        if name in builders_of:
            continue
        for node in _outermost(script, statement):
            parts = [node, *_parts(script, node)]
            names = tuple(name for part in parts for name in kinds.learners(script, part))
            is_pipeline = kinds.kind(script, node) == "pipeline"
            complete = is_pipeline or kinds.is_around([*names])
            place = unit.place(node)
            found.append(Expression(node, unit, place, complete, is_pipeline, names, name))
    inside = {id(part) for one in found for part in _parts(script, one.node)}
    return [one for one in found if id(one.node) not in inside]


def foreign(script: Script) -> list[tuple[Place, str, str]]:
    """Models that cannot be kept without pickle: where, what, and what to use instead."""
    return [
        (unit.place(node), script.dotted(node.func), kinds.instead(script, node))
        for unit, node in script.nodes
        if isinstance(node, ast.Call) and kinds.kind(script, node) == "foreign"
    ]


def own_steps(script: Script) -> list[tuple[str, Place]]:
    """Transformers and estimators of the team's own, by name."""
    bases = ("sklearn.base.", "sklearn.preprocessing.", "sklearn.pipeline.")
    return [
        (node.name, unit.place(node))
        for unit, node in script.nodes
        if isinstance(node, ast.ClassDef)
        and any(script.dotted(base).startswith(bases) for base in node.bases)
    ]


def _made(script: Script, function: ast.FunctionDef) -> ast.expr | None:
    """What a function gives back, if that is a model."""
    local = {n: v for node in ast.walk(function) if isinstance(node, ast.stmt)
             for n, v in constants.bindings(node)}  # fmt: skip
    for node in ast.walk(function):
        if isinstance(node, ast.Return):
            value = local.get(node.value.id) if isinstance(node.value, ast.Name) else node.value
            if kinds.kind(script, value) in ("pipeline", "estimator"):
                return value
    return None


def _fits(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("fit", "fit_transform")
        for node in ast.walk(function)
    )


def _holds_pipeline(script: Script, function: ast.FunctionDef) -> bool:
    return any(kinds.kind(script, node) == "pipeline" for node in ast.walk(function))


def _arguments(function: ast.FunctionDef) -> tuple[tuple[str, ast.expr | None], ...]:
    stated = function.args
    plain = [*stated.posonlyargs, *stated.args]
    padding: list[ast.expr | None] = [None] * (len(plain) - len(stated.defaults))
    pairs = [*zip(plain, [*padding, *stated.defaults], strict=True)]
    pairs += zip(stated.kwonlyargs, stated.kw_defaults, strict=True)
    return tuple((argument.arg, default) for argument, default in pairs)


def _outermost(script: Script, node: ast.AST) -> Iterator[ast.Call]:
    """Model-making calls that are in no other, those of helper functions included."""
    if isinstance(node, ast.Call) and kinds.kind(script, node) in ("pipeline", "estimator"):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _outermost(script, child)


def _parts(script: Script, node: ast.Call) -> Iterator[ast.AST]:
    """What an expression is made of by name: `clf = ...` and then `make_pipeline(pre, clf)`."""
    known = constants.assigned(script)
    waiting: list[ast.AST] = [node]
    while waiting:
        used = {part.id for part in ast.walk(waiting.pop()) if isinstance(part, ast.Name)}
        for name in used & set(known):
            value = known.pop(name)
            waiting.append(value)
            yield value
