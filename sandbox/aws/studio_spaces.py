"""Studio spaces, which moto lacks; a private one belongs to a user profile of its domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import (
    AWSValidationException,
    ResourceInUseException,
    ResourceNotFound,
)
from moto.sagemaker.responses import SageMakerResponse

from sandbox.aws import user_profiles
from sandbox.aws.studio_domains import domain_of, kept
from sandbox.aws.user_profiles import SPACES

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

STATED = ("SpaceSettings", "OwnershipSettings", "SpaceSharingSettings", "SpaceDisplayName")
CHANGEABLE = ("SpaceSettings", "SpaceDisplayName")


def install(sandbox: Sandbox) -> None:
    """Answer the operations on spaces."""
    for operation in (create_space, describe_space, list_spaces, update_space, delete_space):
        setattr(SageMakerResponse, operation.__name__, operation)


def create_space(self: SageMakerResponse) -> ActionResult:
    domain, name = domain_of(self).id, self._get_param("SpaceName")
    if (domain, name) in kept(self, SPACES):
        raise ResourceInUseException(f"Space {name} already exists in domain {domain}")
    _check_sharing(self, domain)
    now = utcnow()
    arn = f"arn:aws:sagemaker:{self.region}:{self.current_account}:space/{domain}/{name}"
    kept(self, SPACES)[domain, name] = {
        "DomainId": domain,
        "SpaceName": name,
        "SpaceArn": arn,
        "Status": "InService",
        "CreationTime": now,
        "LastModifiedTime": now,
        "Tags": self._get_param("Tags") or [],
        **_stated(self, STATED),
    }
    return ActionResult({"SpaceArn": arn})


def describe_space(self: SageMakerResponse) -> ActionResult:
    return ActionResult(_space(self))


def list_spaces(self: SageMakerResponse) -> ActionResult:
    domain, part = self._get_param("DomainIdEquals"), self._get_param("SpaceNameContains")
    found = [
        {
            **space,
            "OwnershipSettingsSummary": space.get("OwnershipSettings") or {},
            "SpaceSharingSettingsSummary": space.get("SpaceSharingSettings") or {},
        }
        for space in list(kept(self, SPACES).values())
        if (not domain or space["DomainId"] == domain) and (not part or part in space["SpaceName"])
    ]
    return ActionResult({"Spaces": found})


def update_space(self: SageMakerResponse) -> ActionResult:
    space = _space(self)
    space.update(_stated(self, CHANGEABLE), LastModifiedTime=utcnow())
    return ActionResult({"SpaceArn": space["SpaceArn"]})


def delete_space(self: SageMakerResponse) -> ActionResult:
    space = _space(self)
    del kept(self, SPACES)[space["DomainId"], space["SpaceName"]]
    return EmptyResult()


def _check_sharing(response: SageMakerResponse, domain: str) -> None:
    owner = (response._get_param("OwnershipSettings") or {}).get("OwnerUserProfileName")
    sharing = (response._get_param("SpaceSharingSettings") or {}).get("SharingType")
    if bool(owner) != bool(sharing):
        raise AWSValidationException("OwnershipSettings and SpaceSharingSettings belong together")
    if owner and (domain, owner) not in user_profiles._profiles(response):
        raise ResourceNotFound(f"UserProfile {domain}/{owner} does not exist")
    # "Shared spaces" (SageMaker Developer Guide): a domain has them once it has settings for them.
    if sharing != "Private" and not domain_of(response).default_space_settings:
        raise AWSValidationException(
            f"Domain {domain} has no DefaultSpaceSettings: spaces of it cannot be shared"
        )


def _space(response: SageMakerResponse) -> dict[str, Any]:
    key = response._get_param("DomainId"), response._get_param("SpaceName")
    if key not in kept(response, SPACES):
        raise ResourceNotFound(f"Space {key[0]}/{key[1]} does not exist")
    return kept(response, SPACES)[key]


def _stated(response: SageMakerResponse, names: tuple[str, ...]) -> dict[str, Any]:
    given = {name: response._get_param(name) for name in names}
    return {name: value for name, value in given.items() if value}
