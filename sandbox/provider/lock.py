"""One apply or destroy of a stack at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.provider.errors import ProviderError


@contextmanager
def locked(endpoint_url: str, account: str, project: str, stack: str) -> Iterator[None]:
    """Hold the stack's lock; refuse at once when somebody else holds it.

    A sandbox is on this machine, and so is everybody who applies to it: a file lock does, and the
    kernel releases it when its holder dies.
    """
    stated = f"{endpoint_url}|{account}|{project}|{stack}"
    folder = Path(tempfile.gettempdir()) / f"modelyard-locks-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{hashlib.sha256(stated.encode()).hexdigest()[:32]}.lock"
    with file.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise ProviderError(
                f"the stack {stack} is being changed by process {holder}; wait until it has ended"
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
