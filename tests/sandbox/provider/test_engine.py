"""Programs run one after another in one process without leaving anything behind."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.provider.engine import run_program
from sandbox.provider.graph import draw
from sandbox.provider.layers import Estate
from sandbox.provider.program import Stack
from sandbox.provider.synthesis import Synthesizer

if TYPE_CHECKING:
    from sandbox.provider.realiser import StackOutputs
    from tests.sandbox.provider.conftest import Write

PROJECT = Path(__file__).parent / "project.yaml"


def test_modules_beside_a_program_are_read_anew(write_program: Write) -> None:
    program = write_program("import pulumi, neighbour\npulumi.export('said', neighbour.WORD)\n")
    said = []
    for word in ("first", "second words"):
        (program.folder / "neighbour.py").write_text(f"WORD = {word!r}\n")
        said.append(run_program(Stack(program, "test"), Synthesizer({})).values["said"])
    assert said == ["first", "second words"]
    assert "neighbour" not in sys.modules


def test_rendering_again_leaves_nothing_in_memory() -> None:
    estate = Estate.of(PROJECT)
    known: dict[tuple[str, str], StackOutputs] = {}
    for _ in range(2):
        draw(estate.layers("dev").workspace, known, estate)
    before = objects()
    for _ in range(3):
        draw(estate.layers("dev").workspace, known, estate)
    assert objects() - before < 300


def objects() -> int:
    """How many objects are alive after a collection."""
    gc.collect()
    return len(gc.get_objects())
