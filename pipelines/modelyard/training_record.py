"""What a training depended on beside its data: seed, settings, threads and environment.

Kept in the model's manifest and in evaluation.json, so that the build can be repeated from the
package's own record and a difference be traced to its cause.
"""

import hashlib
import os
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import distributions
from types import MappingProxyType
from typing import Any

# The order of a set of texts follows this variable, which Python reads when it starts.
HASH_SEED = "PYTHONHASHSEED"


@contextmanager
def fixed_threads(count: int) -> Iterator[None]:
    """Arithmetic with so many threads: their number decides in which order numbers are added.

    Libraries that are loaded later keep their own; scikit-learn loads its own before.
    """
    import sklearn.utils  # noqa: F401 (loads the libraries whose threads are fixed)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=count), _torch_threads(count):
        yield


@contextmanager
def _torch_threads(count: int) -> Iterator[None]:
    """PyTorch counts its threads itself."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def record(
    seed: int,
    threads: int,
    hyperparameters: Mapping[str, str],
    instance_type: str | None,
    foreign: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The facts as plain data, without anything that differs from one run to the next.

    `foreign` are the versions of what took part and is no distribution of Python's.
    """
    return {
        "seed": seed,
        "hash_seed": os.environ.get(HASH_SEED),
        "threads": threads,
        "hyperparameters": dict(sorted(hyperparameters.items())),
        "instance_type": instance_type,
        "environment": environment(foreign or {}),
    }


def environment(foreign: Mapping[str, str] = MappingProxyType({})) -> dict[str, Any]:
    """Interpreter, processor, arithmetic libraries, and every installed distribution."""
    installed = dict(sorted({**_installed(), **foreign}.items()))
    listed = "".join(f"{name}=={version}\n" for name, version in installed.items())
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "arithmetic": _arithmetic(),
        "distributions_sha256": hashlib.sha256(listed.encode()).hexdigest(),
        "distributions": installed,
    }


def _installed() -> dict[str, str]:
    """Name and version of each distribution, sorted; the first found is the one imported."""
    found: dict[str, str] = {}
    for one in distributions():
        name = str(one.metadata["Name"]).lower().replace("_", "-")
        found.setdefault(name, one.version)
    return dict(sorted(found.items()))


def _arithmetic() -> list[str]:
    """The loaded libraries whose kernels depend on the processor, such as OpenBLAS for Haswell."""
    from threadpoolctl import threadpool_info

    return sorted(
        {
            " ".join(
                str(pool[key])
                for key in ("internal_api", "version", "architecture")
                if pool.get(key)
            )
            for pool in threadpool_info()
        }
    )
