"""Exemptions are complete, approved by another person, narrow, and end."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.exemptions import ExemptionError, covering, load

TODAY = date(2026, 11, 21)
GOOD = {
    "id": "CKV_AWS_117",
    "resource": "aws:lambda/function:Function::*-dev-registrar",
    "reason": "It talks to AWS only.",
    "owner": "platform",
    "approver": "security",
    "expiry": TODAY,
}
URN = "urn:pulumi:loans.dev::modelyard::a$aws:lambda/function:Function::loans-dev-registrar"


def written(folder: Path, *entries: Any) -> Path:
    """A file of these entries."""
    file = folder / "exemptions.yaml"
    file.write_text(yaml.safe_dump({"exemptions": list(entries)}))
    return file


def test_shipped_exemptions_are_in_force() -> None:
    assert len(set(load(date.today()))) == len(load(date.today()))


def test_exemption_holds_on_its_last_day(tmp_path: Path) -> None:
    (only,) = load(TODAY, written(tmp_path, GOOD))
    assert only.expiry == TODAY


def test_expired_exemption_fails(tmp_path: Path) -> None:
    with pytest.raises(ExemptionError, match=r"expired on 2026-11-21; .* security renew it"):
        load(date(2026, 11, 22), written(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"owner": "Security"}, "cannot approve their own"),
        ({"reason": ""}, "lacks reason"),
        ({"expiry": "soon"}, "must be a day"),
        ({"ticket": "X-1"}, "unknown keys: ticket"),
        ({"resource": "*"}, "must be <Pulumi type>::<name>"),
        ({"resource": "aws:s3/bucket:Bucket::*"}, "must be <Pulumi type>::<name>"),
    ],
)
def test_mistake_is_told_in_one_line(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ExemptionError, match=message) as told:
        load(TODAY, written(tmp_path, {**GOOD, **change}))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("rule", "urn", "covered"),
    [
        ("CKV_AWS_117", URN, True),
        ("CKV_AWS_116", URN, False),
        ("CKV_AWS_117", URN.replace("-dev-", "-prod-"), False),
    ],
)
def test_exemption_covers_its_rule_and_resource_only(
    tmp_path: Path, rule: str, urn: str, covered: bool
) -> None:
    exemptions = load(TODAY, written(tmp_path, GOOD))
    assert (covering(exemptions, rule, urn) is not None) is covered


@pytest.mark.parametrize("text", ["[]", "exemptions: [1]", "exemptions: {", "other: []"])
def test_file_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "exemptions.yaml"
    file.write_text(text)
    with pytest.raises(ExemptionError):
        load(TODAY, file)
