"""A short load: enough requests at once to see errors and slow answers, over in seconds."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from modelyard.functions.invocation import Invoker, Reply
from modelyard.functions.verification import Check

THREADS, REQUESTS, SECONDS = 4, 200, 20.0
WARM_UP_S = 90.0
_PAUSE_S = 0.5


def warm_up(invoke: Invoker, body: bytes, patience: float = WARM_UP_S) -> Check:
    """The first answer, for which a serverless endpoint has to start a container."""
    begun = time.monotonic()
    while True:
        reply = invoke(body)
        seconds = time.monotonic() - begun
        if reply.status == 200:
            return Check("warm-up", True, f"answered after {seconds:.1f} s", {"seconds": seconds})
        # Too busy or not there yet may pass; a refusal by the model will not.
        if reply.status not in (429, 503) or seconds > patience:
            return Check("warm-up", False, f"answered {reply.status}: {reply.text[:300]}")
        time.sleep(_PAUSE_S)


def press(
    invoke: Invoker, bodies: Sequence[bytes], latency_ms: float, seconds: float = SECONDS
) -> Check:
    """Single rows from several threads: none may fail, and 99 of 100 must come in time."""
    deadline, numbers = time.monotonic() + seconds, count()

    def one_thread(_thread: int) -> list[Reply]:
        replies = []
        while (number := next(numbers)) < REQUESTS and time.monotonic() < deadline:
            replies.append(invoke(bodies[number % len(bodies)]))
        return replies

    with ThreadPoolExecutor(THREADS) as threads:
        replies = [reply for part in threads.map(one_thread, range(THREADS)) for reply in part]
    return judge(replies, latency_ms)


def judge(replies: Sequence[Reply], latency_ms: float) -> Check:
    """Whether answers keep the budget: no error, and the 99th percentile below `latency_ms`."""
    took = sorted(1000 * reply.seconds for reply in replies)
    failed = [reply for reply in replies if reply.status != 200]
    p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
    figures = {
        "requests": float(len(replies)),
        "failed": float(len(failed)),
        "p50_ms": round(took[len(took) // 2], 2),
        "p99_ms": round(p99, 2),
        "budget_p99_ms": latency_ms,
    }
    if failed:
        first = failed[0]
        sentence = f"{len(failed)} of {len(replies)} requests failed, one with {first.status}: "
        return Check("load", False, sentence + first.text[:200], figures)
    sentence = f"p99 {p99:.0f} ms of {len(replies)} requests"
    if p99 > latency_ms:
        return Check("load", False, f"{sentence}, over the budget of {latency_ms:.0f} ms", figures)
    return Check("load", True, f"{sentence}, budget {latency_ms:.0f} ms", figures)
