"""Studio's condition keys: whose space a call is about, how it is shared, and who calls from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.sagemaker.models import sagemaker_backends

from sandbox.api_call import ApiCall
from sandbox.aws.user_profiles import KEPT_AS as PROFILES
from sandbox.aws.user_profiles import SPACES
from sandbox.sessions import Principal

ABOUT_SPACES = frozenset({"CreateApp", "CreateSpace", "DeleteApp", "DeleteSpace", "UpdateSpace"})
Stored = dict[tuple[str, str], dict[str, Any]]


def studio_context(call: ApiCall) -> dict[str, Any]:
    """Keys of a call on a space or an app; what it leaves unsaid is what the space was made with.

    Unverified on a live account: that AWS states the stored space's owner for an app in it.
    """
    given = call.parameters
    if call.operation not in ABOUT_SPACES:
        return {}
    spaces = _stored(call.account, call.region, SPACES)
    space = spaces.get((given.get("DomainId", ""), given.get("SpaceName") or ""), {})
    ownership = given.get("OwnershipSettings") or space.get("OwnershipSettings") or {}
    sharing = given.get("SpaceSharingSettings") or space.get("SpaceSharingSettings") or {}
    owner = ownership.get("OwnerUserProfileName") or given.get("UserProfileName")
    remote = (given.get("SpaceSettings") or {}).get("RemoteAccess")
    configs = list(_lifecycle_configs(given))
    context: dict[str, Any] = {
        "sagemaker:SpaceSharingType": sharing.get("SharingType"),
        "sagemaker:RemoteAccess": remote,
        "sagemaker:StudioLifecycleConfigArns": configs or None,
    }
    if owner:
        profile = f"user-profile/{given.get('DomainId')}/{owner}"
        context["sagemaker:OwnerUserProfileArn"] = (
            f"arn:aws:sagemaker:{call.region}:{call.account}:{profile}"
        )
    return {key: value for key, value in context.items() if value}


def studio_principal(principal: Principal, region: str) -> dict[str, Any]:
    """The policy variables of somebody who works in Studio: their domain and profile."""
    if principal.kind != "AssumedRole":
        return {}
    for (domain, name), profile in list(_stored(principal.account, region, PROFILES).items()):
        settings = profile.get("UserSettings") or {}
        if settings.get("ExecutionRole") == principal.arn:
            return {"sagemaker:DomainId": domain, "sagemaker:UserProfileName": name}
    return {}


def studio_tags(region: str, account: str, kind: str, name: str) -> list[dict[str, str]]:
    """The tags of a profile or space, named `domain/name`."""
    domain, _, own = name.partition("/")
    stored = _stored(account, region, {"user-profile": PROFILES, "space": SPACES}[kind])
    return list(stored.get((domain, own), {}).get("Tags") or [])


def _stored(account: str, region: str, what: str) -> Stored:
    if not account or not region:
        return {}
    found: Stored = sagemaker_backends[account][region].__dict__.get(what, {})
    return found


def _lifecycle_configs(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == "LifecycleConfigArns":
                yield from item
            elif key == "LifecycleConfigArn":
                yield str(item)
            else:
                yield from _lifecycle_configs(item)
