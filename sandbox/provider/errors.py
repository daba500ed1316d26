"""What can go wrong between a program and the sandbox, each as one line naming resource and fix."""

from __future__ import annotations

from sandbox.errors import SandboxError


class ProviderError(SandboxError):
    """A program, a resource or an endpoint that cannot be applied as it stands."""


class UnsupportedTypeError(ProviderError):
    """A resource type for which the sandbox has no handler."""


class UnknownValueError(ProviderError):
    """A program reads an output that no handler supplies."""


class RefusedError(ProviderError):
    """AWS would refuse this request although the sandbox's services might accept it."""


class ProtectedResourceError(ProviderError):
    """A protected resource would be replaced or deleted."""


class StackMissingError(ProviderError):
    """A program reads the outputs of a stack that nobody has applied."""

    def __init__(self, project: str, stack: str) -> None:
        super().__init__(f"the stack {project}/{stack} has not been applied; apply that one first")
        self.project = project
        self.stack = stack
