"""SageMaker Studio user profiles, which moto lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import (
    ResourceInUseException,
    ResourceNotFound,
)
from moto.sagemaker.responses import SageMakerResponse

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

KEPT_AS = "modelyard_user_profiles"
SPACES = "modelyard_spaces"
SETTINGS = ("UserSettings", "SingleSignOnUserIdentifier", "SingleSignOnUserValue")
Profiles = dict[tuple[str, str], dict[str, Any]]


def install(sandbox: Sandbox) -> None:
    """Answer the operations on user profiles."""
    for operation in (
        create_user_profile,
        describe_user_profile,
        list_user_profiles,
        update_user_profile,
        delete_user_profile,
    ):
        setattr(SageMakerResponse, operation.__name__, operation)


def create_user_profile(self: SageMakerResponse) -> ActionResult:
    domain, name = self._get_param("DomainId"), self._get_param("UserProfileName")
    if domain not in {found.id for found in self.sagemaker_backend.domains.values()}:
        raise ResourceNotFound(f"Domain {domain} does not exist")
    if (domain, name) in _profiles(self):
        raise ResourceInUseException(f"User profile {name} already exists in domain {domain}")
    now = utcnow()
    arn = f"arn:aws:sagemaker:{self.region}:{self.current_account}:user-profile/{domain}/{name}"
    _profiles(self)[domain, name] = {
        "DomainId": domain,
        "UserProfileName": name,
        "UserProfileArn": arn,
        "Status": "InService",
        "CreationTime": now,
        "LastModifiedTime": now,
        "Tags": self._get_param("Tags") or [],
        **_settings(self),
    }
    return ActionResult({"UserProfileArn": arn})


def describe_user_profile(self: SageMakerResponse) -> ActionResult:
    return ActionResult(_profile(self))


def list_user_profiles(self: SageMakerResponse) -> ActionResult:
    domain, part = self._get_param("DomainIdEquals"), self._get_param("UserProfileNameContains")
    found = [
        profile
        for profile in list(_profiles(self).values())
        if (not domain or profile["DomainId"] == domain)
        and (not part or part in profile["UserProfileName"])
    ]
    return ActionResult({"UserProfiles": found})


def update_user_profile(self: SageMakerResponse) -> ActionResult:
    profile = _profile(self)
    profile.update(_settings(self), LastModifiedTime=utcnow())
    return ActionResult({"UserProfileArn": profile["UserProfileArn"]})


def delete_user_profile(self: SageMakerResponse) -> ActionResult:
    profile = _profile(self)
    for space in self.sagemaker_backend.__dict__.get(SPACES, {}).values():
        owner = (space.get("OwnershipSettings") or {}).get("OwnerUserProfileName")
        if (space["DomainId"], owner) == (profile["DomainId"], profile["UserProfileName"]):
            raise ResourceInUseException(
                f"Unable to delete UserProfile {owner}: it owns the space {space['SpaceName']}"
            )
    del _profiles(self)[profile["DomainId"], profile["UserProfileName"]]
    return EmptyResult()


def _profile(response: SageMakerResponse) -> dict[str, Any]:
    key = response._get_param("DomainId"), response._get_param("UserProfileName")
    if key not in _profiles(response):
        raise ResourceNotFound(f"UserProfile {key[0]}/{key[1]} does not exist")
    return _profiles(response)[key]


def _settings(response: SageMakerResponse) -> dict[str, Any]:
    given = {name: response._get_param(name) for name in SETTINGS}
    return {name: value for name, value in given.items() if value}


def _profiles(response: SageMakerResponse) -> Profiles:
    held: Profiles = response.sagemaker_backend.__dict__.setdefault(KEPT_AS, {})
    return held
