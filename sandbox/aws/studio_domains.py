"""Studio domains: what moto accepts though AWS refuses, and changes, which it lacks."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.sagemaker.exceptions import (
    AWSValidationException,
    ResourceInUseException,
    ResourceNotFound,
)
from moto.sagemaker.models import SageMakerModelBackend
from moto.sagemaker.responses import SageMakerResponse

from sandbox.aws import user_profiles
from sandbox.aws.user_profiles import SPACES
from sandbox.trust import TrustError, role_by_arn, service_may_assume

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

SERVICE = "sagemaker.amazonaws.com"
# "CreateDomain" (Amazon SageMaker API Reference): subnets and security groups of a domain.
MOST_SUBNETS, MOST_GROUPS = 16, 5
CHANGEABLE = {
    "DefaultUserSettings": "default_user_settings",
    "SubnetIds": "subnet_ids",
    "AppNetworkAccessType": "app_network_access_type",
    "DefaultSpaceSettings": "default_space_settings",
    "DomainSettingsForUpdate": "domain_settings",
}


def install(sandbox: Sandbox) -> None:
    """Check domains, give them ids as AWS does, and let them be changed."""
    create = SageMakerResponse.create_domain
    found_by_arn = SageMakerModelBackend._get_resource_from_arn

    def create_domain(self: SageMakerResponse) -> ActionResult:
        name, backend = self._get_param("DomainName"), self.sagemaker_backend
        if name in {domain.domain_name for domain in backend.domains.values()}:
            raise ResourceInUseException(f"Domain with name {name} already exists")
        _check_network(self)
        check_settings(self, self._get_param("DefaultUserSettings") or {}, role_needed=True)
        create(self)
        domain = backend.domains.pop(f"d-{name}")
        domain.id = "d-" + _random(12)
        domain.arn = self.arn_of(f"domain/{domain.id}")
        domain.url = f"https://{domain.id}.studio.{self.region}.sagemaker.aws"
        domain.home_efs_file_system_id = f"fs-{secrets.token_hex(8)}"
        domain.tags = domain.tags or []
        backend.domains[domain.id] = domain
        return ActionResult({"DomainArn": domain.arn, "DomainId": domain.id, "Url": domain.url})

    def update_domain(self: SageMakerResponse) -> ActionResult:
        domain = domain_of(self)
        if settings := self._get_param("DefaultUserSettings"):
            check_settings(self, settings, role_needed=False)
        for parameter, attribute in CHANGEABLE.items():
            value = self._get_param(parameter)
            if value is not None:
                setattr(domain, attribute, _merged(getattr(domain, attribute), value))
        domain.last_modified_time = utcnow()
        return ActionResult({"DomainArn": domain.arn})

    def delete_domain(self: SageMakerResponse) -> EmptyResult:
        domain = domain_of(self)
        held = [*user_profiles._profiles(self), *kept(self, SPACES)]
        if any(one[0] == domain.id for one in held):
            raise ResourceInUseException(
                f"Unable to delete domain {domain.id}: it has user profiles or spaces"
            )
        del self.sagemaker_backend.domains[domain.id]
        return EmptyResult()

    def by_arn(self: SageMakerModelBackend, arn: str) -> Any:
        for store in (user_profiles.KEPT_AS, SPACES, "modelyard_mlflow_apps"):
            for one in self.__dict__.get(store, {}).values():
                if arn in (one.get("UserProfileArn"), one.get("SpaceArn"), one.get("Arn")):
                    return Tagged(one)
        return found_by_arn(self, arn)

    SageMakerResponse.create_domain = create_domain
    SageMakerResponse.update_domain = update_domain
    SageMakerResponse.delete_domain = delete_domain
    SageMakerResponse.arn_of = arn_of
    SageMakerModelBackend._get_resource_from_arn = by_arn


class Tagged:
    """A resource the sandbox keeps as its description, for the operations on tags."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._description = description

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags, as a list that may be extended."""
        tags: list[dict[str, str]] = self._description.setdefault("Tags", [])
        return tags

    @tags.setter
    def tags(self, tags: list[dict[str, str]]) -> None:
        self._description["Tags"] = tags


def arn_of(self: SageMakerResponse, resource: str) -> str:
    """The ARN of a resource of the caller's account and region."""
    return f"arn:aws:sagemaker:{self.region}:{self.current_account}:{resource}"


def kept(response: SageMakerResponse, store: str) -> dict[Any, dict[str, Any]]:
    """What the sandbox keeps on moto's backend under a name."""
    held: dict[Any, dict[str, Any]] = response.sagemaker_backend.__dict__.setdefault(store, {})
    return held


def domain_of(response: SageMakerResponse) -> Any:
    """The domain a request names."""
    found = response.sagemaker_backend.domains.get(response._get_param("DomainId"))
    if found is None:
        raise ResourceNotFound(f"Domain [{response._get_param('DomainId')}] does not exist.")
    return found


def check_settings(
    response: SageMakerResponse, settings: Mapping[str, Any], role_needed: bool
) -> None:
    """Refuse user settings with a role SageMaker cannot become, or unknown security groups."""
    if role_needed or settings.get("ExecutionRole"):
        check_role(settings.get("ExecutionRole"))
    groups = settings.get("SecurityGroups") or []
    if len(groups) > MOST_GROUPS:
        _refuse(f"SecurityGroups has {len(groups)} members, at most {MOST_GROUPS} are allowed")
    backend = ec2_backends[response.current_account][response.region]
    known = {name for of_vpc in backend.groups.values() for name in of_vpc}
    for group in groups:
        if group not in known:
            _refuse(f"The security group '{group}' does not exist")


def check_role(arn: str | None) -> None:
    """Refuse a role that is absent or that SageMaker may not assume."""
    if not arn:
        _refuse("An execution role is required")
    try:
        role, account = role_by_arn(str(arn))
        service_may_assume(role, account, SERVICE)
    except TrustError as error:
        _refuse(str(error))


def _check_network(response: SageMakerResponse) -> None:
    backend = ec2_backends[response.current_account][response.region]
    vpc, subnets = response._get_param("VpcId"), response._get_param("SubnetIds") or []
    if vpc not in backend.vpcs:
        _refuse(f"The vpc ID '{vpc}' does not exist")
    if not 1 <= len(subnets) <= MOST_SUBNETS:
        _refuse(f"SubnetIds must have between 1 and {MOST_SUBNETS} members")
    known = {
        subnet.id: subnet.vpc_id for zone in backend.subnets.values() for subnet in zone.values()
    }
    for subnet in subnets:
        if known.get(subnet) != vpc:
            _refuse(f"The subnet ID '{subnet}' does not exist in {vpc}")


def _merged(old: Any, new: Any) -> Any:
    """AWS changes the members a request has and leaves the others."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    return new


def _refuse(message: str) -> None:
    raise AWSValidationException(message)


def _random(length: int) -> str:
    letters = string.ascii_lowercase + string.digits
    return "".join(secrets.choice(letters) for _ in range(length))
