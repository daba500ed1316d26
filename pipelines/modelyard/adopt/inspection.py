"""What a repo holds, read statically: its scripts and notebooks, models, data and requirements."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from modelyard.adopt import builders, data_use, effects, source
from modelyard.adopt.builders import Builder, Expression
from modelyard.adopt.data_use import DataUse, Found
from modelyard.adopt.source import Place, Script, Unreadable

DATA = (".csv", ".parquet")


@dataclass(frozen=True)
class Inspection:
    """A repo, read and not run."""

    repo: Path
    scripts: tuple[Script, ...]
    unreadable: tuple[Unreadable, ...]
    data: tuple[PurePosixPath, ...]

    def script(self, file: PurePosixPath | str) -> Script | None:
        return next((one for one in self.scripts if str(one.file) == str(file)), None)

    @property
    def builders(self) -> list[tuple[Script, Builder]]:
        """Functions that give a model back, without those that others call."""
        found = [(script, one) for script in self.scripts for one in builders.builders(script)]
        called = {
            node.func.id
            for script, one in found
            for _, function in script.statements
            if isinstance(function, ast.FunctionDef) and function.name == one.name
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        return [(script, one) for script, one in found if one.name not in called]

    @property
    def expressions(self) -> list[tuple[Script, Expression]]:
        """Models made in passing; those of scripts, or of notebooks where no script has any."""
        found = [(script, one) for script in self.scripts for one in builders.expressions(script)]
        in_scripts = [pair for pair in found if not pair[0].is_notebook]
        return in_scripts or found

    def uses(self, first: Script | None) -> list[DataUse]:
        """What the scripts say about data: of `first` alone where it says what is predicted."""
        uses = [data_use.data_use(script) for script in self.scripts if script == first]
        if uses and uses[0].targets:
            return uses
        return [data_use.data_use(script) for script in self.scripts]

    def found(self, first: Script | None, what: str) -> list[Found]:
        """One kind of fact about the data, each thing once."""
        facts: dict[str, Found] = {}
        for use in self.uses(first):
            for fact in getattr(use, what):
                facts.setdefault(fact.what, fact)
        return list(facts.values())

    def computed(self, first: Script) -> list[Found]:
        """What is computed before fitting: by scripts that read data, and by what they import."""
        readers = [one for one in self.scripts if one == first or first in self.imported(one)]
        scripts = {one.file: one for reader in readers for one in self.imported(reader)}
        return [fact for one in scripts.values() for fact in data_use.computed(one)]

    def read_files(self, first: Script | None) -> dict[PurePosixPath, Place]:
        """Data files that scripts read, by the end of the path they name."""
        found: dict[PurePosixPath, Place] = {}
        for fact in self.found(first, "reads"):
            parts = PurePosixPath(fact.what.replace("\\", "/")).parts
            for length in range(len(parts), 0, -1):
                fitting = [one for one in self.data if one.parts[-length:] == parts[-length:]]
                if fitting:
                    found.setdefault(fitting[0], fact.place)
                    break
        return found

    def work_on_import(self, script: Script) -> list[Place]:
        """Where work is done when a script is imported, by itself or by what it imports here."""
        return [place for one in self.imported(script) for place in effects.effects(one)]

    def imported(self, script: Script) -> Iterator[Script]:
        """A script and the repo's own modules it imports."""
        seen, waiting = set(), [script]
        while waiting:
            one = waiting.pop(0)
            if one.file in seen:
                continue
            seen.add(one.file)
            yield one
            names = {name.lstrip(".") for name in one.imports.values()}
            waiting += [other for other in self.scripts if _is_named(other, names)]


def inspect(repo: Path) -> Inspection:
    """Everything adoption looks at."""
    scripts: list[Script] = []
    unreadable: list[Unreadable] = []
    data: list[PurePosixPath] = []
    for file in source.files(repo):
        if file.suffix in (".py", ".ipynb") and not _is_test(file):
            read = source.read(file, repo)
            scripts.append(read) if isinstance(read, Script) else unreadable.append(read)
        elif file.suffix.lower() in DATA:
            data.append(PurePosixPath(file.relative_to(repo).as_posix()))
    return Inspection(repo, tuple(scripts), tuple(unreadable), tuple(data))


def module_name(file: PurePosixPath) -> str:
    """How a script is imported with the repo's root on the path, and its src where it has one."""
    parts = list(file.with_suffix("").parts)
    if parts[0] == "src" and len(parts) > 1:
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts)


def importable(file: PurePosixPath) -> bool:
    """Whether Python can import it by that name, and means nothing else by it."""
    parts = module_name(file).split(".")
    return all(part.isidentifier() for part in parts) and parts[0] not in sys.stdlib_module_names


def sibling_imports(inspection: Inspection, script: Script) -> list[str]:
    """Modules that a script finds only when it is run from its own folder."""
    folder = script.file.parent
    if str(folder) in (".", "src"):
        return []
    beside = {one.file.stem for one in inspection.scripts if one.file.parent == folder}
    root = {module_name(one.file).split(".")[0] for one in inspection.scripts}
    names = {name.partition(".")[0] for name in script.imports.values() if name[:1] != "."}
    return sorted((names & beside) - root)


def _is_named(script: Script, names: set[str]) -> bool:
    module = module_name(script.file)
    return any(name == module or name.startswith(f"{module}.") for name in names) or any(
        module.endswith(f".{name.rpartition('.')[0]}") for name in names if "." in name
    )


def _is_test(file: Path) -> bool:
    return file.name.startswith("test_") or file.name in ("conftest.py", "setup.py")


def fits(uses: Sequence[Found], columns: Sequence[str]) -> list[Found]:
    """Facts about columns that are in the data."""
    return [fact for fact in uses if fact.what in columns]
