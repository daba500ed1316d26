"""The stages of a journey as a person watches them: what happens, how long, what came out."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO


@dataclass
class Stage:
    """One stage while it runs; `outcome` is what its line says when it is over."""

    name: str
    outcome: str = ""


@dataclass
class Timeline:
    """Prints stages as they start and end, and keeps their seconds by name."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    seconds: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    @property
    def total(self) -> float:
        """Seconds since the timeline began."""
        return time.monotonic() - self.started

    def say(self, text: str = "") -> None:
        """A line between stages."""
        self.out.write(text + "\n")
        self.out.flush()

    @contextmanager
    def stage(self, name: str, doing: str) -> Iterator[Stage]:
        """Time what happens inside; a failure ends the line with `failed`.

        Args:
            name: key of the stage in the summary, for instance `workspace_dev`.
            doing: what a person reads while it runs.
        """
        stage = Stage(name, doing)
        interactive = self.out.isatty()
        if interactive:
            self.out.write(f"  …        {doing}")
            self.out.flush()
        else:
            self.say(f"  …        {doing}")
        begin = time.monotonic()
        try:
            yield stage
        except BaseException:
            self._end(interactive, "failed", f"{doing}")
            raise
        took = time.monotonic() - begin
        self.seconds[name] = round(took, 2)
        self._end(interactive, f"{took:5.1f} s", stage.outcome)

    def _end(self, interactive: bool, mark: str, text: str) -> None:
        self.out.write("\r\x1b[K" if interactive else "")
        self.say(f"  {mark:>8} {text}")
