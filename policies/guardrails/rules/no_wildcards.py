"""Nothing grants everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity
from policies.guardrails.statements import allows, several

_ROLE: Final = "aws:iam/role:Role"
_POLICY: Final = "aws:iam/policy:Policy"
_INLINE: Final = "aws:iam/rolePolicy:RolePolicy"
_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
# A boundary says the most that other policies may grant; attached as a grant it is refused below.
_BOUNDARY: Final = "modelyard-boundary"
# Reading what exists has no resource to name in some services; a family of reads is still a read.
_READS: Final = ("Describe", "Get", "List")


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """Managed policies name actions; inline ones name resources too; AWS's own are not used."""
    if resource.type == _ATTACHMENT:
        arn = resource.text("policyArn")
        if ":iam::aws:policy/" in arn:
            yield "it attaches a policy of AWS's, which grants whatever AWS adds to it"
        elif arn.endswith(f"policy/{_BOUNDARY}"):
            yield "it attaches the boundary as a grant"
    elif resource.type == _ROLE:
        if resource.value("managedPolicyArns"):
            yield "policies are attached inside the role, where no attachment shows them"
        for inline in resource.each("inlinePolicies"):
            yield from _inline(inline.document("policy"))
    elif resource.type == _INLINE:
        yield from _inline(resource.document("policy"))
    elif resource.value("name") != _BOUNDARY:
        for statement in resource.document("policy"):
            yield from _actions(statement)


def _inline(statements: list[Mapping[str, Any]]) -> Iterator[str]:
    for statement in statements:
        yield from _actions(statement)
        if allows(statement) and "*" in several(statement, "Resource"):
            yield f"{_named(statement)} grants on every resource"


def _actions(statement: Mapping[str, Any]) -> Iterator[str]:
    if not allows(statement):
        return
    if "NotAction" in statement or "NotResource" in statement:
        yield f"{_named(statement)} grants everything but what it names"
    for action in several(statement, "Action"):
        verb = action.partition(":")[2] or action
        if "*" in verb and not verb.startswith(_READS) and not verb.startswith("GenerateDataKey"):
            yield f"{_named(statement)} grants {action}"


def _named(statement: Mapping[str, Any]) -> str:
    return f"statement {statement.get('Sid', 'without a name')}"


RULE = Rule(
    id="no-wildcards",
    control="Policies name the actions they grant; nothing grants everything.",
    severity=Severity.CRITICAL,
    owner="platform-security",
    rationale="AWS adds actions every month: a wildcard grants what nobody has reviewed.",
    remedy="Name each action, and by ARN each resource; put a persona's permissions in its file.",
    references=(
        "Security Hub IAM.1",
        "Security Hub IAM.21",
        "ISO/IEC 42001 A.3",
        "SR 26-2 governance",
    ),
    effective=date(2026, 11, 21),
    types=frozenset({_ROLE, _POLICY, _INLINE, _ATTACHMENT}),
    check=check,
)
