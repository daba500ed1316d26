"""A linear Metaflow flow of so many no-op steps, for the peer's Python to run."""

from __future__ import annotations

HEAD = '''"""No-op steps in a row."""
from metaflow import FlowSpec, step


class Chain(FlowSpec):
    @step
    def start(self):
        self.next(self.s1)
'''
STEP = """
    @step
    def s{number}(self):
        self.next(self.{following})
"""
TAIL = """
    @step
    def end(self):
        return


if __name__ == "__main__":
    Chain()
"""


def source(steps: int) -> str:
    """Python source of a flow with `steps` steps between start and end."""
    names = [f"s{number}" for number in range(2, steps + 1)] + ["end"]
    middle = (
        STEP.format(number=number, following=following)
        for number, following in enumerate(names, start=1)
    )
    return HEAD + "".join(middle) + TAIL
