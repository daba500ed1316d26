"""One decision that was made, explained from what is stored: its input, its model, its reasons."""

import hashlib
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from modelyard import explain, profile, registry
from modelyard.archives import unpack
from modelyard.aws import Place
from modelyard.counterfactual import CounterfactualError, Counterfactuals, search
from modelyard.data import DataContract
from modelyard.errors import DecisionError
from modelyard.evidence.store import bucket_of
from modelyard.functions.service import read_bytes, read_json
from modelyard.model import Model
from modelyard.registry import Package
from modelyard.tables import to_arrays, to_rows
from modelyard.trace.prediction import Prediction
from modelyard.trace.prediction import search as search_captures

# A recomputed probability may differ in its last bits from one machine to another.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Reason:
    """What one feature added to the decision: above 0 it spoke for what was decided."""

    column: str
    value: Any
    weight: float


@dataclass(frozen=True)
class Decided:
    """A decision with its reasons, strongest first; `why_not` says why reasons are missing."""

    inference_id: str
    time: datetime
    package: Package
    contract: DataContract
    answer: Mapping[str, Any]
    reasons: tuple[Reason, ...]
    why_not: str | None
    otherwise: Counterfactuals | None

    @property
    def prediction(self) -> Any:
        return self.answer["prediction"]


def captured(place: Place, inference_id: str, day: date | None, now: datetime) -> Prediction:
    """The captured request and answer; DecisionError says where was looked."""
    endpoint = f"{place.project.name}-{place.environment}"
    found = search_captures(
        place.client("s3"),
        bucket_of(place.project, place.environment, "predictions"),
        (f"capture/{endpoint}/", "capture/batch/"),
        inference_id,
        day,
        now,
    )
    if found.found is None:
        raise DecisionError(
            f"{inference_id} cannot be looked at in {place.environment}: {found.why}"
        )
    return found.found


def decided(place: Place, inference_id: str, row: int = 1, day: date | None = None) -> Decided:
    """The decision on one row of a request; rows count from 1."""
    record = captured(place, inference_id, day, datetime.now(UTC))
    if not 1 <= row <= len(record.rows):
        raise DecisionError(
            f"{inference_id} asked about {len(record.rows)} rows; there is no {row}"
        )
    package = registry.describe(place, record.model_package)
    s3 = place.registry_client("s3")
    baseline, _ = read_json(s3, package.metadata["baseline_profile"])
    with tempfile.TemporaryDirectory() as scratch:
        model = _model(s3, package, Path(scratch))
        asked, answer = record.rows[row - 1], record.predictions[row - 1]
        return explained(model, package, inference_id, record.time, asked, answer, baseline)


def explained(
    model: Model,
    package: Package,
    inference_id: str,
    time: datetime,
    asked: Mapping[str, Any],
    answer: Mapping[str, Any],
    baseline: Mapping[str, Any],
) -> Decided:
    """The explanation of an answer; DecisionError where the model does not give it again."""
    columns = model.contract.feature_columns
    arrays = to_arrays([asked], columns)
    row = to_rows(arrays, columns)[0]
    again = model.predictions(arrays)[0]
    if not _same(again, answer):
        raise DecisionError(
            f"{inference_id}: the registered model of version {package.version} does not give the "
            "answer that was captured; nothing it says would be a reason for it"
        )
    reasons, why_not = _reasons(model, row, arrays, again["prediction"])
    otherwise = None
    with suppress(CounterfactualError):
        otherwise = search(model, row, profile.parse(baseline))
    return Decided(inference_id, time, package, model.contract, again, reasons, why_not, otherwise)


def _model(s3: Any, package: Package, scratch: Path) -> Model:
    """The registered model, byte for byte."""
    body = read_bytes(s3, package.model_uri)
    if hashlib.sha256(body).hexdigest() != package.metadata.get("model_sha256"):
        raise DecisionError(f"{package.model_uri} is not the model file that was registered")
    archive = scratch / "model.tar.gz"
    archive.write_bytes(body)
    unpack(archive, scratch / "model")
    return Model.load(scratch / "model")


def _same(again: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    one, other = again["prediction"], answer.get("prediction")
    if isinstance(one, float) and isinstance(other, int | float):
        return abs(one - other) <= _TOLERANCE * (1 + abs(one))
    stated = answer.get("probability")
    close = stated is None or abs(again.get("probability", stated) - stated) <= _TOLERANCE
    return bool(one == other) and close


def _reasons(
    model: Model, row: Mapping[str, Any], arrays: Any, prediction: Any
) -> tuple[tuple[Reason, ...], str | None]:
    try:
        found = explain.explain(model, arrays)
    except explain.ExplanationError as refusal:
        return (), str(refusal)
    output, sign = 0, 1.0
    if len(model.labels) == 2:
        sign = 1.0 if prediction == model.labels[1] else -1.0
    elif model.labels:
        output = model.labels.index(prediction)
    parts = {name: float(sign * part[0, output]) for name, part in found.contributions.items()}
    ordered = sorted(parts.items(), key=lambda part: -abs(part[1]))
    return tuple(Reason(name, row[name], weight) for name, weight in ordered if weight), None
