"""The table of docs/governance.md that walks through Annex IV."""

from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "governance.md"


@dataclass(frozen=True)
class Row:
    """One point, what it asks for, where the answer is kept, and the command that shows it."""

    point: str
    asks: str
    kept: str
    command: str


def rows() -> list[Row]:
    """The table's rows, in its order."""
    table = PAGE.read_text(encoding="utf-8").partition("| point |")[2].partition("\n\n")[0]
    lines = table.splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [Row(point, asks, kept, command.strip("`")) for point, asks, kept, command in cells]


def commands() -> list[str]:
    """Each command of the table once."""
    return sorted({row.command for row in rows()})
