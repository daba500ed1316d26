"""Before anything is made, what the programs say is judged by the guardrails."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import boto3
import pytest

from policies.exemptions import Exemption, ExemptionError
from sandbox.__main__ import main
from sandbox.provider import guardrails
from sandbox.provider.errors import StackMissingError
from sandbox.provider.guardrails import GuardrailError, refuse_breaches
from sandbox.provider.layers import Estate
from sandbox.provider.realiser import StackOutputs

pytestmark = pytest.mark.timeout(180)
ACCOUNT = "515151515151"
EXCUSED = Exemption(
    id="production-redundancy",
    resource="aws:ssm/parameter:Parameter::*-contract-serving",
    reason="a model that may be away for an hour",
    owner="risk",
    approver="security",
    expiry=date(2999, 1, 1),
)


class NothingApplied:
    """A store that knows no stack."""

    def exports(self, project: str, stack: str, accounts: tuple[str, ...]) -> StackOutputs:
        raise StackMissingError(project, stack)


@pytest.fixture
def one_instance(tmp_path: Path) -> Path:
    """A project that wants production served by a single instance."""
    text = (Path(__file__).parent / "project.yaml").read_text()
    file = tmp_path / "project.yaml"
    text = re.sub(r"60000000000\d", ACCOUNT, text)
    file.write_text(text + "serving: {instance_count: 1}\n")
    return file


def test_breach_ends_apply_before_anything_is_made(
    one_instance: Path, aws: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["apply", "--project", str(one_instance), "--env", "prod"]) == 1
    told = capsys.readouterr().err
    assert "the guardrails refuse this; nothing was changed" in told
    assert "production is to be served by 1 instance" in told
    assert "fix: Set serving.instance_count to 2 or more in project.yaml" in told
    account = boto3.Session(ACCOUNT, "sandbox", region_name="us-east-1")
    assert account.client("s3", endpoint_url=aws).list_buckets()["Buckets"] == []
    assert account.client("iam", endpoint_url=aws).list_roles()["Roles"] == []


def test_exempted_breach_does_not_stop_an_apply(
    one_instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate = Estate.of(one_instance)
    with pytest.raises(GuardrailError, match="production-redundancy"):
        refuse_breaches(estate, "prod", NothingApplied())
    monkeypatch.setattr(guardrails, "load", lambda today: (EXCUSED,))
    refuse_breaches(estate, "prod", NothingApplied())


def test_expired_exemption_stops_every_apply(
    one_instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def expired(today: date) -> tuple[Exemption, ...]:
        raise ExemptionError("exemptions.yaml: the exemption of x from y expired on 2026-01-01")

    monkeypatch.setattr(guardrails, "load", expired)
    with pytest.raises(GuardrailError, match="expired on 2026-01-01; nothing was changed"):
        refuse_breaches(Estate.of(one_instance), "dev", NothingApplied())
