"""The values that plain statements of a script give to names: texts, lists of texts, paths."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from modelyard.adopt.source import Script


def assigned(script: Script) -> dict[str, ast.expr]:
    """Names that one statement of the script's top level gives a value, once; not their uses."""
    found: dict[str, ast.expr] = {}
    twice = set()
    for _, statement in script.statements:
        for name, value in bindings(statement):
            if name in found:
                twice.add(name)
            found[name] = value
    return {name: value for name, value in found.items() if name not in twice}


def bindings(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    """The (name, value) pairs of an assignment; `a, b = x, y` has two."""
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets: list[ast.expr] = [statement.target]
        value = statement.value
    elif isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    else:
        return []
    pairs = []
    for target in targets:
        if isinstance(target, ast.Name):
            pairs.append((target.id, value))
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            both = zip(target.elts, value.elts, strict=False)
            pairs += [(one.id, its) for one, its in both if isinstance(one, ast.Name)]
    return pairs


def text(node: ast.expr | None, known: Mapping[str, ast.expr]) -> str | None:
    """The text an expression is, where it is one."""
    if isinstance(node, ast.Name) and node.id in known:
        return text(known[node.id], {n: v for n, v in known.items() if n != node.id})
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def texts(node: ast.expr | None, known: Mapping[str, ast.expr]) -> tuple[str, ...]:
    """The texts a list, a sum of lists or a single text holds; nothing where one is unknown."""
    if isinstance(node, ast.Name) and node.id in known:
        return texts(known[node.id], {n: v for n, v in known.items() if n != node.id})
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        found: list[str] = []
        for element in node.elts:
            inner = element.value if isinstance(element, ast.Starred) else element
            found += texts(inner, known) or ("",)
        return () if "" in found else tuple(found)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = texts(node.left, known), texts(node.right, known)
        return left + right if left and right else ()
    one = text(node, known)
    return () if one is None else (one,)


def path(node: ast.expr | None, known: Mapping[str, ast.expr]) -> str:
    """What is known of a path's end: `DATA / "loans.csv"`, `os.path.join("data", "x.csv")`."""
    if isinstance(node, ast.Name) and node.id in known:
        return path(known[node.id], {n: v for n, v in known.items() if n != node.id})
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return "/".join(filter(None, (path(node.left, known), path(node.right, known))))
    if isinstance(node, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.FormattedValue) else p for p in node.values)
        return "".join(path(part, known) for part in parts)
    if isinstance(node, ast.Call):
        return "/".join(filter(None, (path(argument, known) for argument in node.args)))
    return ""
