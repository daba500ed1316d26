"""What an organization's stack makes: sign-in, limits over accounts, tags on the bill."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from infra.configuration import SettingsError, Values
from infra.organization import settings
from sandbox.provider.graph import draw
from sandbox.provider.program import Program, Stack
from tests.infra.conftest import ROOT, Graph

if TYPE_CHECKING:
    from sandbox.provider.realiser import StackOutputs

INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
GROUP = "34d8d458-c021-70a5-7f3d-0123456789ab"
BASE = {"account": "999999999999", "region": "us-east-1"}
SCIENTIST = {
    "project": "loans",
    "environment": "dev",
    "persona": "data-scientist",
    "account": "111111111111",
    "group": GROUP,
}
OPERATOR = {
    **SCIENTIST,
    "environment": "prod",
    "persona": "model-operator",
    "account": "333333333333",
}
EVERYTHING = {
    "identityCenter": INSTANCE,
    "assignments": [SCIENTIST, {**SCIENTIST, "group": f"0123456789-{GROUP}"}, OPERATOR],
    "serviceControlTargets": ["ou-abcd-01234567", "111111111111"],
    "regions": ["us-east-1", "eu-west-1"],
}


def texts(config: Mapping[str, Any]) -> dict[str, str]:
    """Configuration as Pulumi hands it over."""
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in {**BASE, **config}.items()
    }


def organization(**config: Any) -> Graph:
    """The graph of an organization's stack."""
    stated = {f"modelyard:{key}": value for key, value in texts(config).items()}
    known: dict[tuple[str, str], StackOutputs] = {}
    resources = draw(Stack(Program(ROOT / "infra/organization"), "example", stated), known)
    return Graph(resources, known[("modelyard-organization", "example")].values)


@pytest.fixture(scope="module")
def full() -> Graph:
    """Everything asked for."""
    return organization(**EVERYTHING)


def test_a_persona_is_one_permission_set_however_many_groups_get_it(full: Graph) -> None:
    sets = {each["inputs"]["name"]: each["outputs"]["arn"] for each in full.of(":PermissionSet")}
    assert set(sets) == {"loans-dev-data-scientist", "loans-prod-model-operator"}
    assigned = {
        (one["permissionSetArn"], one["principalId"], one["targetId"])
        for one in (each["inputs"] for each in full.of(":AccountAssignment"))
    }
    scientists, operators = sets["loans-dev-data-scientist"], sets["loans-prod-model-operator"]
    assert assigned == {
        (scientists, GROUP, "111111111111"),
        (scientists, f"0123456789-{GROUP}", "111111111111"),
        (operators, GROUP, "333333333333"),
    }


def test_permission_sets_hold_exactly_the_workspaces_policies(
    full: Graph, dev: Graph, prod: Graph
) -> None:
    held = {
        each["inputs"]["customerManagedPolicyReference"]["name"]
        for each in full.of(":CustomerManagedPolicyAttachment")
    }
    made = {
        each["inputs"]["name"]
        for graph, role in (
            (dev, "loans-dev-data-scientist"),
            (prod, "loans-prod-model-operator"),
        )
        for each in graph.of("iam/policy:Policy")
        if each["inputs"]["name"].startswith(role)
    }
    assert held == made


def test_permission_sets_are_bounded(full: Graph) -> None:
    boundaries = full.of(":PermissionsBoundaryAttachment")
    assert len(boundaries) == len(full.of(":PermissionSet"))
    assert {
        each["inputs"]["permissionsBoundary"]["customerManagedPolicyReference"]["name"]
        for each in boundaries
    } == {"modelyard-boundary"}


def test_sessions_carry_the_person_as_tag(full: Graph) -> None:
    (found,) = full.of(":InstanceAccessControlAttributes")
    assert found["inputs"]["attributes"] == [
        {"key": "user", "values": [{"sources": ["${path:userName}"]}]}
    ]


def test_existing_attributes_and_permission_sets_are_adopted() -> None:
    arn = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef"
    graph = organization(
        identityCenter=INSTANCE,
        userAttribute="existing",
        assignments=[{**SCIENTIST, "permissionSet": arn}],
        costTags=[],
    )
    (assignment,) = graph.of(":AccountAssignment")
    assert assignment["inputs"]["permissionSetArn"] == arn
    assert len(graph.aws) == 1


def test_limits_cover_their_targets_and_leave_the_regions_open(full: Graph) -> None:
    (policy,) = full.of("organizations/policy:Policy")
    content = json.loads(policy["inputs"]["content"])
    regions = next(one for one in content["Statement"] if one["Sid"] == "OnlyOurRegions")
    assert regions["Condition"]["StringNotEquals"]["aws:RequestedRegion"] == [
        "eu-west-1",
        "us-east-1",
    ]
    covered = {each["inputs"]["targetId"] for each in full.of(":PolicyAttachment")}
    assert covered == set(EVERYTHING["serviceControlTargets"])


def test_the_bill_is_read_by_the_tags_everything_carries() -> None:
    graph = organization()
    keys = {each["inputs"]["tagKey"] for each in graph.of(":CostAllocationTag")}
    assert keys == {"project", "env", "owner", "cost-center", "risk"}
    assert len(graph.aws) == len(keys)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"identityCenter": "ssoins"}, "identityCenter: 'ssoins' is not valid; write the ARN"),
        ({"assignments": [SCIENTIST]}, "identityCenter: is missing, but modelyard:assignments"),
        ({"assignments": "x"}, "assignments: expected a list of entries with project"),
        ({"assignments": ["x"]}, "assignments[1]: expected an entry with project"),
        ({"assignments": [SCIENTIST] * 2}, "assignments: names the same assignment twice"),
        ({"assignments": [{**SCIENTIST, "team": "x"}]}, "assignments[1]: unknown member 'team'"),
        ({"assignments": [{**SCIENTIST, "group": ""}]}, "assignments[1]: has no group; add it"),
        ({"assignments": [{**SCIENTIST, "group": "x"}]}, "assignments[1].group: 'x' is not valid"),
        ({"assignments": [{**SCIENTIST, "environment": "qa"}]}, "environment 'qa' is not known"),
        (
            {"assignments": [SCIENTIST, {**SCIENTIST, "persona": "registrar"}]},
            "assignments[2]: persona 'registrar' is nobody's in dev; people are data-scientist",
        ),
        (
            {"assignments": [{**SCIENTIST, "project": "mortgage-decisions"}]},
            "'mortgage-decisions-dev-data-scientist' has 37 characters, a permission set's name",
        ),
        ({"userAttribute": "userName"}, "userAttribute: 'userName' is not valid; write the attr"),
        ({"serviceControlTargets": ["ou-abcd-01234567"]}, "regions: is missing: the only ones"),
        ({"serviceControlTargets": ["all"]}, "serviceControlTargets: 'all' is not valid; write"),
        ({"costTags": ["a b"]}, "costTags: 'a b' is not valid; write a tag's key"),
        ({"colour": "red"}, "colour: unknown key"),
    ],
)
def test_organization_mistake_is_one_line(change: Mapping[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings.load(Values("example", texts(change)))
    text = str(caught.value)
    assert text.startswith("Pulumi.example.yaml: modelyard:")
    assert message in text
    assert "\n" not in text
