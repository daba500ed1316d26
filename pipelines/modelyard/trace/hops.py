"""What a trace consists of: one hop after the other, each with its proof or the lack of one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from modelyard.registry import Package
from modelyard.trace.prediction import Prediction

Proof = Literal["proved", "not provable", "broken"]


@dataclass(frozen=True)
class Hop:
    """One step of the way back.

    Attributes:
        proof: broken where what is stored contradicts what was recorded.
        reason: what proves it, or why nothing does.
    """

    name: str
    says: str
    proof: Proof
    reason: str


@dataclass(frozen=True)
class Trace:
    """A prediction's whole way back.

    Attributes:
        prediction: the captured record; None where this caller may not read it.
        prediction_known_by: how the version was found.
    """

    inference_id: str
    environment: str
    package: Package
    prediction: Prediction | None
    prediction_known_by: str
    hops: tuple[Hop, ...]
    approvals: Sequence[Mapping[str, Any]]
    releases: Sequence[Mapping[str, Any]]
    dataset_versions: Sequence[Mapping[str, Any]]

    @property
    def broken(self) -> tuple[Hop, ...]:
        """The hops that contradict what was recorded."""
        return tuple(hop for hop in self.hops if hop.proof == "broken")

    def document(self) -> dict[str, Any]:
        """Plain data; rows are there only for who may read them."""
        metadata, found = self.package.metadata, self.prediction
        return {
            "inference_id": self.inference_id,
            "environment": self.environment,
            "known_by": self.prediction_known_by,
            "time": found.time.isoformat() if found else None,
            "input": list(found.rows) if found else None,
            "prediction": list(found.predictions) if found else None,
            "captured_in": found.source if found else None,
            "model_package_arn": self.package.arn,
            "version": self.package.version,
            "approvals": list(self.approvals),
            "releases": list(self.releases),
            "execution": metadata.get("execution", ""),
            "trained_by": metadata.get("trained_by", ""),
            "code_commit": metadata.get("code_commit", ""),
            "image_digest": metadata.get("image_digest", ""),
            "dataset_sha256": metadata.get("dataset_sha256", ""),
            "dataset_versions": list(self.dataset_versions),
            "baseline_profile": metadata.get("baseline_profile", ""),
            "hops": [asdict(hop) for hop in self.hops],
            "proved": not any(hop.proof != "proved" for hop in self.hops),
            "broken": [f"{hop.name}: {hop.reason}" for hop in self.broken],
        }
