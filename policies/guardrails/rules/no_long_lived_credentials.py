"""Nobody holds a key that works tomorrow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from policies.guardrails.resource import Estate, Resource
from policies.guardrails.rule import Rule, Severity

_HOLDERS: Final = frozenset(
    {
        "aws:iam/accessKey:AccessKey",
        "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
        "aws:iam/user:User",
        "aws:iam/userLoginProfile:UserLoginProfile",
    }
)
_ACCESS_KEY: Final = re.compile(r"(?<![A-Z0-9])AKIA[A-Z2-7]{16}(?![A-Z0-9])")


def check(resource: Resource, _: Estate) -> Iterator[str]:
    """No users, no access keys, and no access key written into anything."""
    if resource.type in _HOLDERS:
        yield "it is a credential, or the holder of one, that does not expire"
        return
    for name, value in resource.properties.items():
        if any(_ACCESS_KEY.search(text) for text in _texts(value)):
            yield f"{name} holds an access key"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


RULE = Rule(
    id="no-long-lived-credentials",
    control="There are no users and no access keys; everybody arrives by SAML or OIDC.",
    severity=Severity.CRITICAL,
    owner="platform-security",
    rationale="A key in a repository works for whoever finds it, until somebody notices.",
    remedy="Sign people in through SAML or Identity Center, and CI through OIDC.",
    references=(
        "Security Hub IAM.3",
        "Security Hub IAM.22",
        "EU AI Act Art. 15",
        "ISO/IEC 42001 A.3",
    ),
    effective=date(2026, 11, 21),
    types=frozenset(),
    check=check,
)
