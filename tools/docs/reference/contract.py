"""The parameters that a workspace publishes, from the code that writes them."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator

from infra import contract
from modelyard.fleet import record
from tools.docs.reference.markdown import code, table
from tools.docs.reference.schemas import described

_INTRODUCTION = """\
# Contract parameters

What a workspace tells model repos, functions and the fleet: one SSM parameter per fact, named
`/modelyard/PROJECT/ENVIRONMENT/KEY`. Nothing else is shared between the programs and the package.
The contract only grows; no parameter is a secret.
"""
_BRANCH = ("`dev`", "`staging`, `prod`")


def page() -> str:
    """The page of all parameters: facts of AWS, and what project.yaml says as reviewed."""
    facts = [
        (code(name), "every environment" if kind == "Fact" else "environments that have it")
        for name, kind in _facts()
    ]
    reviewed = [(code(key), where, code(source)) for key, where, source in _reviewed()]
    return "\n".join(
        [
            _INTRODUCTION,
            "## What only AWS knows\n",
            "Addresses, ARNs and names of what the workspace holds.\n",
            table(("key", "published in"), facts),
            "## What was reviewed\n",
            "Functions judge by these, not by what a pipeline claims.\n",
            table(("key", "published in", "is"), reviewed),
            "## For the fleet\n",
            f"`{record.ROOT}/ENVIRONMENT/PROJECT`: one parameter with what the "
            "[fleet](../fleet.md) page shows of each project:\n",
            table(
                ("key", "value"),
                [
                    (code(name), described(value))
                    for name, value in record.Record.model_json_schema()["properties"].items()
                ],
            ),
        ]
    )


def _facts() -> Iterator[tuple[str, str]]:
    for name, kind in contract.Facts.__annotations__.items():
        yield name, str(kind)


def _reviewed() -> Iterator[tuple[str, str, str]]:
    """Key, environments and source of each entry of the dictionaries that `reviewed` builds."""
    tree = ast.parse(inspect.getsource(contract.reviewed))
    literals = sorted(
        (node for node in ast.walk(tree) if isinstance(node, ast.Dict)),
        key=lambda node: node.lineno,
    )
    for literal, where in zip(literals, ("every environment", *_BRANCH), strict=True):
        for key, value in zip(literal.keys, literal.values, strict=True):
            if isinstance(key, ast.Constant):
                yield str(key.value), where, ast.unparse(value).removeprefix("_")
