"""A model with open fairness gates is released only with the decision of an approver."""

import io
import json
from typing import Any

import pytest
from botocore.response import StreamingBody

from modelyard.fairness_gates import judge
from modelyard.functions.fairness_decision import require
from modelyard.functions.service import Refused
from tests.modelyard.functions.recorded import ACCOUNT

ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model-package/loans/7"
FACTS = {"project": "loans", "registry_evidence": "evidence"}
PACKAGE = {
    "ModelPackageArn": ARN,
    "ModelPackageVersion": 7,
    "CustomerMetadataProperties": {"trained_by": "alice", "evaluation_sha256": "abc"},
}
UNFAIR = {"rows": 90, "small": False, "post_training": {"DI": {"value": 0.6}}}
OTHERS = {"rows": 90, "small": False, "post_training": {"DI": {"value": 1.6}}}
EVALUATION = {"fairness": {"race": {"bias": {"a": OTHERS, "d": UNFAIR}}}}
JUDGEMENT = judge({"race": {"DI": {"min": 0.8}}}, EVALUATION)
DECISION: dict[str, Any] = {
    "model_package_arn": ARN,
    "evaluation_sha256": "abc",
    "decided_as": f"arn:aws:sts::{ACCOUNT}:assumed-role/loans-dev-model-approver/bob",
    "reason": "A person decides",
    "gates": [result for result in JUDGEMENT.document()["results"] if result["open"]],
}


class Evidence:
    """The registry's evidence bucket."""

    exceptions = type("Exceptions", (), {"NoSuchKey": KeyError})

    def __init__(self, **objects: Any) -> None:
        self._objects = {f"reports/decisions/{name}.json": it for name, it in objects.items()}

    def list_objects_v2(self, *, Bucket: str, Prefix: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == "evidence"
        return {"Contents": [{"Key": key} for key in self._objects if key.startswith(Prefix)]}

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803
        body = json.dumps(self._objects[Key]).encode()
        return {"Body": StreamingBody(io.BytesIO(body), len(body))}


def required(*decisions: dict[str, Any]) -> str:
    """What is answered where these decisions are stored, oldest first."""
    stored = {f"7-{number}": decision for number, decision in enumerate(decisions)}
    return require(Evidence(**stored), FACTS, JUDGEMENT, PACKAGE)


def test_documented_decision_opens_the_way() -> None:
    assert required(DECISION) == "s3://evidence/reports/decisions/7-0.json"


def test_met_gates_need_no_decision() -> None:
    assert require(Evidence(), FACTS, judge({}, EVALUATION), PACKAGE) == ""


def test_older_decision_counts_where_a_newer_one_is_about_less() -> None:
    assert required(DECISION, {**DECISION, "gates": []}).endswith("7-0.json")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"evaluation_sha256": "other"}, "nobody decided on fairness: race=d: DI 0.60 is below"),
        ({"model_package_arn": f"{ARN}1"}, "nobody decided on fairness"),
        ({"gates": []}, "nobody decided on fairness"),
        ({"gates": [{**DECISION["gates"][0], "limit": 0.5}]}, "nobody decided on fairness"),
        ({"reason": " "}, "gives no reason"),
        ({"decided_as": DECISION["decided_as"].replace("bob", "alice")}, "alice both trained"),
        (
            {"decided_as": DECISION["decided_as"].replace("model-approver", "pipeline")},
            "not as a model approver",
        ),
    ],
)  # fmt: skip
def test_decision_that_is_not_one_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        required({**DECISION, **changed})
    assert sentence in str(refusal.value)


def test_silence_is_refused_with_the_way_out() -> None:
    with pytest.raises(Refused, match=r"modelyard approve --version 7 --accept-bias REASON"):
        required()


def test_decision_on_version_70_is_not_one_on_7() -> None:
    with pytest.raises(Refused):
        require(Evidence(**{"70-0": DECISION}), FACTS, JUDGEMENT, PACKAGE)
