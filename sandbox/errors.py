"""A user's mistakes at the sandbox's commands: one line each, with the fix."""

from __future__ import annotations


class SandboxError(Exception):
    """Ends a command with its message and no traceback."""

    exit_code = 2
