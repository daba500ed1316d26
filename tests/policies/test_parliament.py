"""parliament finds nothing in any document but what its data, of 2023, cannot know."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.environments import PeerUnavailableError, python_of
from policies import documents
from policies.documents import ENVIRONMENTS, PERSONAS_BY_ENVIRONMENT
from policies.landscape import Documents, Place
from tests.policies import reference
from tests.policies.test_lint import OPTIONAL_RESOURCE

# parliament has an environment of its own: it needs a setuptools that our pins exclude.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SCRIPT = Path(__file__).with_name("parliament_findings.py")
PLACES = {name: Place("loans", name, "123456789012", "us-east-1") for name in ENVIRONMENTS}
VALUES = Documents.of(PLACES).values
LIMITS = ("boundary", "infrastructure", "service_control")
Finding = Mapping[str, Any]


def every_document() -> dict[str, Any]:
    """Each rendered document by a name."""
    found: dict[str, Any] = {}
    for env, personas in PERSONAS_BY_ENVIRONMENT.items():
        for persona in personas:
            names = documents.parts(persona, env)
            rendered = documents.render_permissions(persona, VALUES[env])
            found |= {f"{env} {name}": one for name, one in zip(names, rendered, strict=True)}
    for persona, names in documents.ADMINISTRATION.items():
        rendered = documents.render_administration(persona, VALUES["dev"])
        found |= dict(zip(names, rendered, strict=True))
    return found | {
        "boundary": documents.boundary(VALUES["dev"]),
        "infrastructure": documents.infrastructure(VALUES["dev"]),
        "service_control": documents.service_control(["us-east-1"]),
    }


DOCUMENTS = every_document()


def asked(parliament: Path, policies: Mapping[str, Any]) -> list[Finding]:
    """parliament's findings."""
    lines = [json.dumps({"name": name, "policy": one}) for name, one in policies.items()]
    done = subprocess.run(
        [str(parliament), "-W", "ignore", str(SCRIPT)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def parliament() -> Path:
    """The interpreter that has parliament."""
    try:
        return python_of("parliament")
    except PeerUnavailableError as reason:
        pytest.skip(f"parliament cannot be installed here: {reason}")


@pytest.fixture(scope="module")
def findings(parliament: Path) -> list[Finding]:
    return asked(parliament, DOCUMENTS)


def action_exists(finding: Finding) -> bool:
    """AWS has added the action since."""
    return bool(reference.matching(finding["detail"].removeprefix("Unknown action ")))


def key_is_supported(finding: Finding) -> bool:
    """AWS has added the key since, or renamed it."""
    found = re.fullmatch(r"Unknown condition (\S+) for action (\S+)", finding["detail"])
    return found is not None and reference.supported(found[1], found[2])


def resource_meets_action(finding: Finding) -> bool:
    """It compares a resource's pattern as text; two patterns meet where one ARN fits both.

    Of an action that is judged on two resources it wants both in one statement.
    """
    resources = [
        pattern
        for statement in DOCUMENTS[finding["name"]]["Statement"]
        for pattern in listed(statement.get("Resource", []))
    ]
    return all(
        any(reference.overlap(pattern, one["required_format"]) for pattern in resources)
        or one["action"] in ON_TWO_RESOURCES
        for one in finding["detail"]
    )


def may_name_none(finding: Finding) -> bool:
    """What only limits names no resource; nor do the actions whose behaviour the lint explains."""
    return finding["name"] in LIMITS or set(finding["detail"]) <= set(OPTIONAL_RESOURCE)


def listed(element: Any) -> list[str]:
    return [element] if isinstance(element, str) else list(element)


ON_TWO_RESOURCES = frozenset({"sagemaker:UpdateEndpoint"})
EXCUSES: Mapping[str, Callable[[Finding], bool]] = {
    "UNKNOWN_ACTION": action_exists,
    "UNKNOWN_CONDITION_FOR_ACTION": key_is_supported,
    "RESOURCE_MISMATCH": resource_meets_action,
    "RESOURCE_STAR": may_name_none,
}


def test_nothing_is_found_but_what_its_data_cannot_know(findings: list[Finding]) -> None:
    standing = [
        one for one in findings if one["issue"] not in EXCUSES or not EXCUSES[one["issue"]](one)
    ]
    assert standing == []


@pytest.mark.parametrize("issue", EXCUSES)
def test_every_excuse_is_needed(findings: list[Finding], issue: str) -> None:
    assert issue in {one["issue"] for one in findings}


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"Action": "sagemaker:CreateTrainJob"}, "UNKNOWN_ACTION"),
        ({"Resource": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/x"}, "RESOURCE_MISMATCH"),
        ({"Resource": "*"}, "RESOURCE_STAR"),
        (
            {"Condition": {"StringEquals": {"sagemaker:NoSuchKey": "x"}}},
            "UNKNOWN_CONDITION_FOR_ACTION",
        ),
    ],
)
def test_no_excuse_covers_a_real_fault(
    parliament: Path, change: dict[str, Any], issue: str
) -> None:
    statement = {
        "Effect": "Allow",
        "Action": "sagemaker:CreateModel",
        "Resource": "arn:aws:sagemaker:us-east-1:123456789012:model/loans-dev-x",
    }
    policy = {"Version": "2012-10-17", "Statement": [{**statement, **change}]}
    (found,) = [one for one in asked(parliament, {"bad": policy}) if one["issue"] == issue]
    DOCUMENTS["bad"] = policy
    try:
        assert not EXCUSES[issue](found)
    finally:
        del DOCUMENTS["bad"]
