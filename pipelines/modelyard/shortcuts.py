"""What lets a booster or a network answer without frames, kept beside it where there is such a way.

A pandas frame and scikit-learn's transformers take milliseconds for one row, whatever the model.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from modelyard import boosters, lookup, network_files, scorer
from modelyard.data import DataContract
from modelyard.manifest import dump_json
from modelyard.tables import Arrays, as_frame


def dump(
    estimator: Any,
    folder: Path,
    contract: DataContract,
    arrays: Arrays,
    origins: Sequence[str | None] | None,
) -> list[str]:
    """Writes what was proved to be the features step; the names of its files."""
    columns = contract.feature_columns
    steps = estimator[:-1] if len(getattr(estimator, "steps", ())) > 1 else None

    def made(rows: Arrays) -> Any:
        frame = as_frame(rows, columns)
        result: Any = frame if steps is None else steps.transform(frame)
        dense = result.toarray() if hasattr(result, "toarray") else result
        return np.asarray(dense, dtype=np.float64)

    if boosters.library(estimator) is not None:
        table = lookup.find(made, origins, arrays, columns)
        if table is not None:
            dump_json(folder / lookup.FILE_NAME, table.document())
            return [lookup.FILE_NAME]
    elif network_files.is_network(estimator):
        # A network reads single precision: the arithmetic's last bits do not reach it.
        terms = scorer.find(made, "identity", arrays, columns)
        if terms is not None:
            dump_json(folder / network_files.TERMS, terms.document())
            return [network_files.TERMS]
    return []
