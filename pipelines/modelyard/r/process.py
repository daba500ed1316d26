"""Rscript as a child process: started the same way for training, scoring and serving."""

import os
import shutil
import subprocess
from pathlib import Path

from modelyard.skops_files import EstimatorError

MAIN = Path(__file__).parent / "runtime" / "main.R"
PACKAGES = ("jsonlite", "httpuv")
DEBIAN = ("r-base-core", *(f"r-cran-{name}" for name in PACKAGES))
INSTALL = (
    "install R 4 with jsonlite and httpuv (Debian and Ubuntu: sudo apt-get install "
    f"{' '.join(DEBIAN)}; elsewhere: R's own installer, then "
    "install.packages(c('jsonlite', 'httpuv')) in R)"
)
_INVENTORY = (
    f"cat(R.version$major, intersect(c({', '.join(map(repr, PACKAGES))}), .packages(TRUE)))"
)
# The libraries that compute for R read how many threads they may use from one of these.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


class RError(EstimatorError, ValueError):
    """What R said when it could not train or score."""


def interpreter() -> str:
    """The Rscript on the PATH; EstimatorError says how to get one."""
    found = shutil.which("Rscript")
    if found is None:
        raise EstimatorError(
            f"this model is written in R, and there is no Rscript on the PATH: {INSTALL}"
        )
    return found


def lacking() -> str | None:
    """What this machine lacks to train and serve a model in R, with the remedy; or nothing."""
    try:
        rscript = interpreter()
    except EstimatorError as error:
        return str(error)
    done = subprocess.run(
        [rscript, "--vanilla", "-e", _INVENTORY], capture_output=True, text=True, check=False
    )
    version, *installed = done.stdout.split() or ["0"]
    if int(version) < 4:
        return f"{rscript} is R {version}, and models need R 4 or later: {INSTALL}"
    absent = [name for name in PACKAGES if name not in installed]
    return f"R lacks its package {' and '.join(absent)}: {INSTALL}" if absent else None


def command(what: str, folder: Path) -> list[str]:
    """The command line of runtime/main.R; no start-up file of a person or a machine is read."""
    return [interpreter(), "--vanilla", str(MAIN), what, str(folder)]


def environment(threads: int | None = None) -> dict[str, str]:
    """The caller's, with what results depend on fixed: sorting order, time zone and threads."""
    fixed = {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC"}
    limits = dict.fromkeys(_THREADS, str(threads)) if threads else {}
    return {**os.environ, **fixed, **limits}


def reason(folder: Path, otherwise: str) -> str:
    """Why R failed, in its own words where it left any."""
    failure = folder / "failure"
    return failure.read_text(encoding="utf-8").strip() if failure.is_file() else otherwise
