"""mkdocs' hook: gathers the pages before each build, so that `make docs-serve` follows edits."""

from __future__ import annotations

from tools.docs.gathering import gather


def on_pre_build(config: object) -> None:
    """mkdocs calls this before it reads any page."""
    gather()
