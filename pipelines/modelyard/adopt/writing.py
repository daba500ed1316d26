"""What adoption will write, shown first, then written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from modelyard.adopt.errors import AdoptError


@dataclass
class Plan:
    """New files, and lines added at the end of theirs; nothing of theirs is otherwise touched."""

    new: dict[str, str] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add_lines(self, repo: Path, file: str, lines: list[str]) -> None:
        """Those of the lines that a file of theirs lacks, or a new file with all of them."""
        if not (repo / file).exists():
            self.new[file] = "".join(f"{line}\n" for line in lines)
            return
        text = (repo / file).read_text(encoding="utf-8", errors="replace")
        there = {line.strip() for line in text.splitlines()}
        lacking = [line for line in lines if line not in there]
        if lacking:
            self.added[file] = "".join(f"{line}\n" for line in lacking)

    def told(self) -> Iterator[str]:
        """The plan, a line per file."""
        for file, text in sorted(self.new.items()):
            yield f"  new   {file} ({len(text.splitlines())} lines)"
        for file, text in sorted(self.added.items()):
            lines = [line for line in text.splitlines() if line]
            shown = lines[0] if len(lines) == 1 else f"{len(lines)} lines at its end"
            yield f"  add   {file}: {shown}"

    def write(self, repo: Path) -> None:
        """All of it; on any error everything is as it was, and AdoptError says why."""
        undo: list[tuple[Path, bytes | None]] = []
        made: list[Path] = []
        try:
            for name, text in self.new.items():
                made += _folders(repo, repo / name)
                with (repo / name).open("xb") as stream:
                    undo.append((repo / name, None))
                    stream.write(text.encode())
            for name, text in self.added.items():
                before = (repo / name).read_bytes()
                undo.append((repo / name, before))
                gap = b"" if not before or before.endswith(b"\n") else b"\n"
                _replace(repo / name, before + gap + text.encode())
        except BaseException as error:
            _restore(undo, made)
            if isinstance(error, OSError):
                where = error.filename or repo
                raise AdoptError(
                    f"{where}: {error.strerror}; nothing was written, mend it and run adopt again"
                ) from None
            raise


def _folders(repo: Path, file: Path) -> list[Path]:
    """Makes the folders a file needs; those that were not there."""
    lacking = [folder for folder in file.parents if folder != repo and not folder.exists()]
    lacking = [folder for folder in lacking if folder.is_relative_to(repo)]
    file.parent.mkdir(parents=True, exist_ok=True)
    return lacking[::-1]


def _replace(file: Path, content: bytes) -> None:
    """New content under the same name and mode, never half of it."""
    scratch = file.with_name(f".{file.name}.modelyard")
    try:
        scratch.write_bytes(content)
        scratch.chmod(file.stat().st_mode & 0o7777)
        scratch.replace(file)
    finally:
        scratch.unlink(missing_ok=True)


def _restore(undo: list[tuple[Path, bytes | None]], made: list[Path]) -> None:
    for file, before in reversed(undo):
        file.unlink(missing_ok=True) if before is None else file.write_bytes(before)
    for folder in reversed(made):
        folder.rmdir()
