"""A steady load on an endpoint, with every answer kept: who answered, when, and whether at all."""

from __future__ import annotations

import itertools
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_VERSION = re.compile(r"model_package=[^;]*/(\d+)(?:;|$)")
_IDENTITY = re.compile(r"inference_id=([^;]+)")
THREADS = 2
PAUSE_S = 0.01


@dataclass(frozen=True)
class Reply:
    """One request: when it ended (monotonic seconds), which version answered, why it failed.

    `inference_id` is the prediction's name, as its passport states it.
    """

    at: float
    version: int | None
    failure: str = ""
    inference_id: str = ""


class Load:
    """Sends JSON bodies in turn, one request after the other per thread, until it is left.

    with Load(runtime, "loans-prod", bodies) as load:
        ...
    load.failed()
    """

    def __init__(
        self, runtime: Any, endpoint: str, bodies: Sequence[bytes], threads: int = THREADS
    ) -> None:
        self._runtime, self._endpoint = runtime, endpoint
        self._bodies = itertools.cycle(bodies)
        self._replies: list[Reply] = []
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(30)

    @property
    def replies(self) -> Sequence[Reply]:
        """What was answered so far."""
        return list(self._replies)

    def failed(self, after: float = 0.0) -> Sequence[Reply]:
        """The requests that got no answer of the model, from a moment on."""
        return [reply for reply in self.replies if reply.failure and reply.at >= after]

    def versions(self) -> Counter[int]:
        """How many requests each model version answered."""
        return Counter(reply.version for reply in self.replies if reply.version is not None)

    def await_answers(self, count: int, within: float = 60.0) -> None:
        """Until so many requests were answered; raises TimeoutError."""
        deadline = time.monotonic() + within
        while sum(not reply.failure for reply in self.replies) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._endpoint} did not answer {count} requests")
            time.sleep(0.02)

    def _send(self) -> None:
        while not self._ended.is_set():
            self._replies.append(self._ask(next(self._bodies)))
            time.sleep(PAUSE_S)

    def _ask(self, body: bytes) -> Reply:
        try:
            answer = self._runtime.invoke_endpoint(
                EndpointName=self._endpoint, ContentType="application/json", Body=body
            )
            answer["Body"].read()
        except (BotoCoreError, ClientError) as error:
            return Reply(time.monotonic(), None, str(error) or type(error).__name__)
        passport = answer.get("CustomAttributes", "")
        version, identity = _VERSION.search(passport), _IDENTITY.search(passport)
        return Reply(
            time.monotonic(),
            int(version[1]) if version else None,
            inference_id=identity[1] if identity else "",
        )
