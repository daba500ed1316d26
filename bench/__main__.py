"""`python -m bench`: measures every row, prints the table and writes build/bench.json."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from bench.measure import Row, machine, table, write

FILE = Path(__file__).resolve().parent.parent / "build" / "bench.json"
ROWS = (
    "orchestration",
    "programs",
    "scale",
    "fleet",
    "cost",
    "decisions",
    "serving",
    "drift",
    "day_one",
    "journey",
)
# Rows that take longer than `make bench` may.
LONG_ROWS: tuple[str, ...] = ("scale_long", "drift_long")


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--all", action="store_true", help="measure the long rows too")
    parser.add_argument(
        "--only", choices=[*ROWS, *LONG_ROWS], help="measure one group; writes no file"
    )
    arguments = parser.parse_args()
    names = [*ROWS, *(LONG_ROWS if arguments.all else ())]
    rows: list[Row] = []
    for name in [arguments.only] if arguments.only else names:
        rows += import_module(f"bench.{name}").rows()
    print(f"\n{machine()}; peers measured in the same run\n\n{table(rows)}\n")
    if arguments.only:
        return 0
    write(rows, FILE)
    print(f"written to {FILE.relative_to(Path.cwd()) if FILE.is_relative_to(Path.cwd()) else FILE}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
