"""What moto would report as done without running anything: refused aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.compute.operations import Handler, Request, install_operations, unsupported

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

REFUSED = ("CreateHyperParameterTuningJob", "CreateAutoMLJobV2", "CreateCompilationJob")


def _refusal(operation: str) -> Handler:
    def refuse(request: Request) -> dict[str, Any]:
        raise unsupported(operation)

    return refuse


def install(sandbox: Sandbox) -> None:
    """Replace operations whose jobs moto completes without running anything."""
    install_operations(sandbox, {name: _refusal(name) for name in REFUSED})
