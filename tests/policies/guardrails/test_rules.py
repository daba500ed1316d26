"""Each rule bites, and bites alone: one thing broken in a good graph is one rule's report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from policies.controls import REFERENCE
from policies.guardrails.catalogue import all_rules
from policies.guardrails.judgement import judge
from policies.guardrails.resource import Resource, Unknown, from_graph, plain_type
from policies.guardrails.rule import Rule
from tests.policies.guardrails.twins import TWINS, Twin

if TYPE_CHECKING:
    from tests.policies.guardrails.conftest import Entry, GraphOf

RULES = all_rules()


def reported(graph: Mapping[str, Any]) -> set[str]:
    """The rules that report something."""
    return {each.rule.id for each in judge(from_graph(graph.values()), RULES).findings}


def named(rule: Rule | Twin) -> str:
    return rule.id if isinstance(rule, Rule) else f"{rule.rule}: {rule.what}"


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_a_good_graph_satisfies_the_rule(rule: Rule, good: Mapping[str, Entry]) -> None:
    resources = from_graph(good.values())
    assert any(rule.concerns(each) for each in resources), "the good graph does not exercise it"
    assert judge(resources, [rule]).findings == ()


@pytest.mark.parametrize("twin", TWINS, ids=named)
def test_one_thing_broken_is_one_rules_report(twin: Twin, good: Mapping[str, Entry]) -> None:
    assert reported(twin.of(good)) == {twin.rule}


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_rule_has_an_insecure_twin(rule: Rule) -> None:
    assert rule.id in {twin.rule for twin in TWINS}


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_rule_says_what_a_reader_needs(rule: Rule) -> None:
    assert rule.owner
    assert rule.control.endswith(".")
    assert rule.rationale.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.references
    assert [each for each in rule.references if not REFERENCE.fullmatch(each)] == []


def test_rules_have_names_of_their_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("accounts", ["one", "three"])
@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_shipped_configurations_are_clean(
    graph_of: GraphOf, accounts: str, environment: str
) -> None:
    found = judge(from_graph(graph_of(accounts, environment)), RULES).findings
    assert [f"{each.rule.id}: {each.resource.name} {each.sentence}" for each in found] == []


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        ("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "blockPublicPolicy"),
        ("aws:ec2/subnet:Subnet", "mapPublicIpOnLaunch"),
        ("aws:ecr/repository:Repository", "imageTagMutability"),
        ("aws:kms/key:Key", "enableKeyRotation"),
        ("aws:lambda/functionUrl:FunctionUrl", "authorizationType"),
        ("aws:sagemaker/model:Model", "enableNetworkIsolation"),
        ("aws:sagemaker/domain:Domain", "appNetworkAccessType"),
    ],
)
def test_what_exposure_depends_on_must_be_known_in_a_preview(
    good: Mapping[str, Entry], type_: str, path: str
) -> None:
    broken = [with_unknown(each, type_, path, later=True) for each in from_graph(good.values())]
    findings = judge(broken, RULES).findings
    assert findings
    assert {each.sentence for each in findings} == {
        f"{path} is not known before the resource is made, so nothing can vouch for it"
    }


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        ("aws:iam/role:Role", "permissionsBoundary"),
        ("aws:kms/key:Key", "policy"),
        ("aws:s3/bucketPolicy:BucketPolicy", "policy"),
        ("aws:sns/topic:Topic", "kmsMasterKeyId"),
    ],
)
def test_what_awaits_an_arn_is_judged_when_it_is_known(
    good: Mapping[str, Entry], type_: str, path: str
) -> None:
    resources = from_graph(good.values())
    preview = [with_unknown(each, type_, path, later=True) for each in resources]
    update = [with_unknown(each, type_, path, later=False) for each in resources]
    assert judge(preview, RULES).findings == ()
    assert judge(update, RULES).findings


def test_an_older_name_of_a_type_is_no_way_around_its_rule() -> None:
    assert plain_type("aws:s3/bucketVersioningV2:BucketVersioningV2") == (
        "aws:s3/bucketVersioning:BucketVersioning"
    )


def with_unknown(each: Resource, type_: str, path: str, later: bool) -> Resource:
    """The resource with an unknown property, if it is of that type."""
    if each.type != type_:
        return each
    properties = {**each.properties, path: Unknown(later)}
    return Resource(each.urn, each.type, each.name, properties, each.protect, each.parent)
