"""What each mitigation would cost and bring, tried on rows that no model was fitted on."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from modelyard import arrays as prepared
from modelyard import metrics, mitigation
from modelyard.data import DataContract
from modelyard.estimators import scores as scores_of
from modelyard.fitting import fit
from modelyard.mitigation import MitigationError
from modelyard.model_code import ModelCode
from modelyard.project import Project
from modelyard.tables import Arrays, as_frame

# A row of the table beside the model as it is: other thresholds at which people may decide.
THRESHOLDS = (0.3, 0.4, 0.6, 0.7)
_SEED = 20260101


def table(
    project: Project, contract: DataContract, folder: Path, source: Path | None = None
) -> list[dict[str, Any]]:
    """The trade-offs: the model as it is, at other thresholds, and reweighed by each attribute.

    `folder` holds prepared rows; models are fitted on train and measured on validation.
    """
    if project.model.problem != "binary":
        raise MitigationError("mitigations are offered for binary decisions only")
    if not contract.protected:
        raise MitigationError("project.yaml: model.protected names nobody to be fair to")
    columns = prepared.prepared_columns(contract)
    train, held = (prepared.read(folder / name, columns) for name in ("train", "validation"))
    if source is not None:
        sys.path.insert(0, str(source))
    return list(_rows(project, contract, train, held))


def _rows(
    project: Project, contract: DataContract, train: Arrays, held: Arrays
) -> Iterator[dict[str, Any]]:
    answers = prepared.target_values(held, contract)
    as_it_is = _scores(project, contract, train, held, None)
    yield _row("as it is", contract, answers, as_it_is, held, 0.5)
    for threshold in THRESHOLDS:
        yield _row(f"threshold {threshold}", contract, answers, as_it_is, held, threshold)
    together = (",".join(contract.protected),) if len(contract.protected) > 1 else ()
    for stated in (*contract.protected, *together):
        weighed = _scores(project, contract, train, held, stated)
        yield _row(f"reweighed by {stated}", contract, answers, weighed, held, 0.5)


def _scores(
    project: Project, contract: DataContract, train: Arrays, held: Arrays, stated: str | None
) -> Any:
    answers = prepared.target_values(train, contract)
    weights = mitigation.weights_for(stated, train, answers, contract) if stated else None
    np.random.seed(_SEED)  # scikit-learn draws from it by default
    hyperparameters: Mapping[str, str] = {
        name: value
        for name, value in project.training.hyperparameters.items()
        if name != mitigation.REWEIGH
    }
    estimator = ModelCode.of(project).build(contract, hyperparameters)
    features = contract.feature_columns
    try:
        fitted = fit(estimator, as_frame(train, features), answers, weights)
    except TypeError as error:
        raise MitigationError(
            f"the model takes no weights, so nothing can be weighed: {error}"
        ) from None
    return scores_of(fitted, as_frame(held, features), len(contract.labels))


def _row(
    name: str, contract: DataContract, answers: Any, scores: Any, held: Arrays, threshold: float
) -> dict[str, Any]:
    protected = contract.used("protected")
    found = mitigation.outcome(name, answers, scores[:, 1] > threshold, held, protected)
    auc = metrics.metrics("binary", answers, scores)["roc_auc"]
    return {**found, "roc_auc": asdict(auc)}


def lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The table for a terminal, and how each row would be adopted."""
    attributes = sorted(rows[0]["fairness"])
    head = ["", "accuracy", "roc_auc", *(f"lowest DI by {name}" for name in attributes)]
    cells = [head]
    for row in rows:
        impacts = [_impact(row["fairness"][name]) for name in attributes]
        cells.append([row["name"], _between(row["accuracy"]), _between(row["roc_auc"]), *impacts])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
    yield ""
    yield "Measured on the validation rows, with 95 % intervals. Nothing was changed. To adopt one:"
    yield "  reweighed by X   project.yaml: training: {hyperparameters: {reweigh: X}}, train"
    yield "  threshold T      decide by the answer's probability > T where the answer is used"


def _between(found: Mapping[str, Any]) -> str:
    if found["value"] is None:
        return "unknown"
    return f"{found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})"


def _impact(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "too few rows"
    between = "" if found["low"] is None else f" ({found['low']:.2f} to {found['high']:.2f})"
    return f"{found['DI']:.2f}{between} for {found['group']}, {found['rows']} rows"
