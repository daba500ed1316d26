"""Shadow variants: a copy of a share of the requests, whose answers reach nobody."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

from sandbox.compute.asking import Asked, ask
from sandbox.compute.fleet import Fleet
from sandbox.compute.variants import Variant

# A shadow that cannot keep up misses copies; it never holds up who asked.
WAITING = 200
_workers = ThreadPoolExecutor(8, thread_name_prefix="shadow")
_places = BoundedSemaphore(WAITING)


def mirror(fleet: Fleet, production: Variant, asked: Asked) -> None:
    """Send copies to the fleet's shadows, by the ratio of the variants' weights."""
    for variant in fleet.shadows.values():
        share = variant.weight / production.weight if production.weight else 0.0
        if random.random() < share and _places.acquire(blocking=False):
            _workers.submit(_copy, fleet.hold(), variant, asked)


def _copy(fleet: Fleet, variant: Variant, asked: Asked) -> None:
    try:
        ask(variant, Asked(asked.body, asked.headers, time.perf_counter()))
    finally:
        fleet.release()
        _places.release()
