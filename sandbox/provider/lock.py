"""One apply or destroy of a stack at a time."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.file_lock import HeldError, held
from sandbox.provider.errors import ProviderError


@contextmanager
def locked(endpoint_url: str, account: str, project: str, stack: str) -> Iterator[None]:
    """Hold the stack's lock; refuse at once when somebody else holds it.

    A sandbox is on this machine, and so is everybody who applies to it: a file lock does.
    """
    stated = f"{endpoint_url}|{account}|{project}|{stack}"
    folder = Path(tempfile.gettempdir()) / f"modelyard-locks-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{hashlib.sha256(stated.encode()).hexdigest()[:32]}.lock"
    try:
        with held(file):
            yield
    except HeldError as holder:
        raise ProviderError(
            f"the stack {stack} is being changed by process {holder}; wait until it has ended"
        ) from None
