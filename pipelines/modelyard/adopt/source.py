"""The team's Python, scripts and notebooks alike, as syntax trees: read, never imported or run."""

from __future__ import annotations

import ast
import json
import os
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

# What people keep in a repo that is not the project itself.
SKIPPED = frozenset(
    ("build", "dist", "node_modules", "venv", "env", "site-packages", "__pycache__", "tests")
)
_LARGEST_BYTES = 2_000_000
_MAGIC = ("%", "!", "?")


@dataclass(frozen=True)
class Place:
    """Where something stands, as people look for it."""

    file: PurePosixPath
    line: int
    cell: int | None = None

    def __str__(self) -> str:
        cell = f" cell {self.cell} line " if self.cell else ":"
        return f"{self.file}{cell}{self.line}"


@dataclass(frozen=True)
class Unit:
    """A piece of Python that runs as one: a script, or a notebook's cell (from 1)."""

    file: PurePosixPath
    text: str
    tree: ast.Module
    cell: int | None = None

    def place(self, node: ast.AST) -> Place:
        return Place(self.file, getattr(node, "lineno", 1), self.cell)

    def source(self, node: ast.AST) -> str:
        """The node as its author wrote it, as if it began at the margin."""
        first, *rest = (ast.get_source_segment(self.text, node) or ast.unparse(node)).split("\n")
        line = self.text.splitlines()[getattr(node, "lineno", 1) - 1]
        margin = line[: len(line) - len(line.lstrip())]
        return "\n".join([first, *(other.removeprefix(margin) for other in rest)])


@dataclass(frozen=True)
class Script:
    """A file of Python: its units in the order in which they run."""

    file: PurePosixPath
    units: tuple[Unit, ...]

    @property
    def is_notebook(self) -> bool:
        return self.file.suffix == ".ipynb"

    @property
    def statements(self) -> Iterator[tuple[Unit, ast.stmt]]:
        """What runs when the script does, in order."""
        for unit in self.units:
            for statement in unit.tree.body:
                yield unit, statement

    @property
    def nodes(self) -> Iterator[tuple[Unit, ast.AST]]:
        """Everything in it."""
        for unit in self.units:
            for node in ast.walk(unit.tree):
                yield unit, node

    @cached_property
    def imports(self) -> dict[str, str]:
        """What a name stands for by an import: `pd` for pandas, a class for its dotted path."""
        found = {}
        for _, node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    found[name] = alias.name if alias.asname else name
            elif isinstance(node, ast.ImportFrom):
                parent = "." * node.level + (node.module or "")
                for alias in node.names:
                    found[alias.asname or alias.name] = f"{parent}.{alias.name}"
        return found

    @cached_property
    def import_lines(self) -> dict[str, str]:
        """The line that gives a name its import, as one would write it alone."""
        lines = {}
        for _, node in self.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    alone = type(node)(**{**vars(node), "names": [alias]})
                    name = alias.asname or alias.name
                    lines[name if alias.asname else name.partition(".")[0]] = ast.unparse(alone)
        return lines

    def dotted(self, node: ast.AST | None) -> str:
        """What an expression names, by way of the imports; nothing where it names nothing."""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            parent = self.dotted(node.value)
            return f"{parent}.{node.attr}" if parent else ""
        return ""


@dataclass(frozen=True)
class Unreadable:
    """A file that is no Python, and why."""

    place: Place
    reason: str


def files(repo: Path) -> Iterator[Path]:
    """The files a team keeps: no environments, caches, hidden folders or links to elsewhere."""
    for folder, folders, names in os.walk(repo):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in SKIPPED
            and not name.endswith(".egg-info")
            and not (here / name / "pyvenv.cfg").exists()
        )
        yield from (here / name for name in sorted(names) if not name.startswith("."))


def read(file: Path, repo: Path) -> Script | Unreadable:
    """A script or notebook of the repo."""
    name = PurePosixPath(file.relative_to(repo).as_posix())
    if file.stat().st_size > _LARGEST_BYTES:
        return Unreadable(Place(name, 1), "is larger than 2 MB; nothing was looked for in it")
    try:
        return Script(name, tuple(_units(file, name)))
    except SyntaxError as error:
        line = error.lineno or 1
        return Unreadable(Place(name, line, getattr(error, "cell", None)), f"{error.msg}; mend it")
    except (ValueError, UnicodeError, KeyError, TypeError, AttributeError) as error:
        return Unreadable(Place(name, 1), f"cannot be read ({error})")


def _units(file: Path, name: PurePosixPath) -> Iterator[Unit]:
    if file.suffix == ".py":
        with tokenize.open(file) as stream:
            text = stream.read()
        yield Unit(name, text, _parsed(text))
        return
    notebook = json.loads(file.read_text(encoding="utf-8"))
    for position, cell in enumerate(notebook["cells"], 1):
        text = _python(cell) if cell["cell_type"] == "code" else ""
        try:
            yield Unit(name, text, _parsed(text), position)
        except SyntaxError as error:
            error.cell = position  # type: ignore[attr-defined]
            raise


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except ValueError as error:
        # Null bytes, which are a syntax error since Python 3.11.4.
        raise SyntaxError(str(error)) from None


def _python(cell: dict[str, object]) -> str:
    """A cell's text without what only Jupyter understands; line numbers stay."""
    source = cell["source"]
    text = "".join(source) if isinstance(source, list) else str(source)
    if text.lstrip().startswith("%%"):
        return ""
    lines = ("pass" if line.lstrip().startswith(_MAGIC) else line for line in text.split("\n"))
    return "\n".join(
        line if line != "pass" else original[: len(original) - len(original.lstrip())] + "pass"
        for line, original in zip(lines, text.split("\n"), strict=True)
    )
