"""Whether a classifier's probabilities can be taken at their word, on rows it has never seen.

A label-free estimate of quality rests on this. Judged by Spiegelhalter's Z (1986, "Probabilistic
prediction in patient management", Statistics in Medicine 5), which tests the Brier score against
what the probabilities themselves promise, and by the expected calibration error over ten bins.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 10
# Two-sided, 1 in 1000; with many rows a small error is significant, hence the second bound.
_Z = 3.29
_SMALL_ERROR = 0.02
_FEW_ROWS = 100

Array = npt.NDArray[Any]


def calibration(answers: Array, scores: Array) -> dict[str, Any]:
    """What evaluation.json says of the probabilities of the class that was chosen.

    `answers` are positions of classes, `scores` rows x classes. For two classes the positive one is
    judged, for more the surest.
    """
    if scores.shape[1] == 2:
        probability, happened = scores[:, 1], (answers == 1).astype(float)
    else:
        probability, happened = scores.max(axis=1), (scores.argmax(axis=1) == answers).astype(float)
    z, error = _spiegelhalter(happened, probability), _error(happened, probability)
    return {
        "rows": len(answers),
        "z": z,
        "expected_calibration_error": error,
        "bins": _bins(happened, probability),
        **_verdict(len(answers), z, error),
    }


def _verdict(rows: int, z: float | None, error: float) -> dict[str, Any]:
    if rows < _FEW_ROWS:
        return {"calibrated": False, "reason": f"{rows} test rows are too few to tell"}
    if error <= _SMALL_ERROR or (z is not None and abs(z) <= _Z):
        return {"calibrated": True, "reason": None}
    return {"calibrated": False, "reason": f"the probabilities are off by {error:.0%} on average"}


def _spiegelhalter(happened: Array, probability: Array) -> float | None:
    spread = ((1 - 2 * probability) ** 2 * probability * (1 - probability)).sum()
    if spread <= 0:
        return None
    return float(((happened - probability) * (1 - 2 * probability)).sum() / np.sqrt(spread))


def _cells(probability: Array) -> Array:
    return np.minimum((probability * BINS).astype(int), BINS - 1)


def _error(happened: Array, probability: Array) -> float:
    off = np.bincount(_cells(probability), weights=happened - probability, minlength=BINS)
    return float(np.abs(off).sum() / len(happened))


def _bins(happened: Array, probability: Array) -> list[dict[str, Any]]:
    """Filled bins only: the mean probability in it and how often it came true."""
    cells = _cells(probability)
    rows = np.bincount(cells, minlength=BINS)
    said = np.bincount(cells, weights=probability, minlength=BINS)
    came = np.bincount(cells, weights=happened, minlength=BINS)
    return [
        {"rows": int(n), "predicted": float(p / n), "observed": float(o / n)}
        for n, p, o in zip(rows, said, came, strict=True)
        if n
    ]
