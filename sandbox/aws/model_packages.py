"""The model registry: who created and changed a version, its life cycle, and its events."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import AWSValidationException, ConflictException
from moto.sagemaker.models import sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse

from policies.evaluation import Policy, PolicyError
from sandbox.api_call import current_call
from sandbox.package_events import announce
from sandbox.resource_policies import GROUP_POLICIES

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

# API member -> attribute of moto's object, where moto forgets it.
FORGOTTEN = {
    "ModelLifeCycle": "model_life_cycle",
    "ModelCard": "model_card",
    "SecurityConfig": "security_config",
    "SourceUri": "source_uri",
    "SkipModelValidation": "skip_model_validation",
    "ManagedStorageType": "managed_storage_type",
}
APPROVALS = ("Approved", "Rejected", "PendingManualApproval")
PROPERTY_KEY = re.compile(r"^([^\W_]|[\s_.:/=+\-@])*$")
MOST_PROPERTIES, LONGEST_KEY, LONGEST_VALUE = 50, 128, 256
_versions = threading.Lock()


def install(sandbox: Sandbox) -> None:
    """Complete moto's model packages."""
    create = SageMakerResponse.create_model_package
    create_group = SageMakerResponse.create_model_package_group
    listing = SageMakerResponse.list_model_packages

    def create_model_package_group(self: SageMakerResponse) -> ActionResult:
        name = self._get_param("ModelPackageGroupName")
        if name in self.sagemaker_backend.model_package_groups:
            raise AWSValidationException(f"Model Package Group already exists: {name}")
        result = create_group(self)
        self.sagemaker_backend.model_package_groups[name].created_by = created_by()
        return result

    def describe_model_package_group(self: SageMakerResponse) -> ActionResult:
        name = _group(self)
        found = self.sagemaker_backend.model_package_groups[name]
        return ActionResult(found.gen_response_object())

    def list_model_packages(self: SageMakerResponse) -> ActionResult:
        _at_owner(self)
        answer = listing(self)
        held = self.sagemaker_backend.model_packages
        for summary in answer.result["ModelPackageSummaryList"]:
            stage = getattr(held[summary["ModelPackageArn"]], "model_life_cycle", None)
            if stage is not None:
                summary["ModelLifeCycle"] = stage
        return answer

    def create_model_package(self: SageMakerResponse) -> ActionResult:
        given = json.loads(self.body)
        _check_properties(given.get("CustomerMetadataProperties") or {})
        _check_approval(given.get("ModelApprovalStatus"))
        group = given.get("ModelPackageGroupName") or ""
        if group.startswith("arn:"):
            raise AWSValidationException("ModelPackageGroupName must be a name in this account")
        if given.get("Tags") and group:
            raise AWSValidationException(
                "Tags are not supported for versioned model packages: tag the group"
            )
        with _versions:
            result = create(self)
        package = _package(self, result.result["ModelPackageArn"])
        _complete(package, given)
        announce(sandbox, package, self.current_account, self.region)
        return result

    def update_model_package(self: SageMakerResponse) -> ActionResult:
        given = json.loads(self.body)
        package = _package(self, given.get("ModelPackageArn"))
        _check_properties(given.get("CustomerMetadataProperties") or {})
        _check_approval(given.get("ModelApprovalStatus"))
        with _versions:
            _change(package, given)
        announce(sandbox, package, self.current_account, self.region)
        return ActionResult({"ModelPackageArn": package.arn})

    def describe_model_package(self: SageMakerResponse) -> ActionResult:
        package = _package(self, self._get_param("ModelPackageName"))
        described = package.gen_response_object()
        for member, attribute in FORGOTTEN.items():
            value = getattr(package, attribute, None)
            if value is not None:
                described[member] = value
        return ActionResult(described)

    def delete_model_package(self: SageMakerResponse) -> ActionResult:
        package = _package(self, self._get_param("ModelPackageName"))
        _backend(package).model_packages.pop(package.arn)
        return EmptyResult()

    def delete_model_package_group(self: SageMakerResponse) -> ActionResult:
        backend = self.sagemaker_backend
        name = _group(self)
        if any(p.model_package_group_name == name for p in list(backend.model_packages.values())):
            raise ConflictException(
                f"Model Package Group {name} cannot be deleted: it contains model packages"
            )
        del backend.model_package_groups[name]
        return EmptyResult()

    def put_model_package_group_policy(self: SageMakerResponse) -> ActionResult:
        name, text = _group(self), self._get_param("ResourcePolicy")
        try:
            Policy.parse(text, name)
        except PolicyError as error:
            raise AWSValidationException(f"Invalid resource policy: {error}") from None
        _policies(self)[name] = text
        arn = self.sagemaker_backend.model_package_groups[name].arn
        return ActionResult({"ModelPackageGroupArn": arn})

    def get_model_package_group_policy(self: SageMakerResponse) -> ActionResult:
        name = _group(self)
        if name not in _policies(self):
            raise AWSValidationException(f"Cannot find resource policy for {name}")
        return ActionResult({"ResourcePolicy": _policies(self)[name]})

    def delete_model_package_group_policy(self: SageMakerResponse) -> ActionResult:
        _policies(self).pop(_group(self), None)
        return EmptyResult()

    for operation in (
        create_model_package_group,
        describe_model_package_group,
        list_model_packages,
        create_model_package,
        update_model_package,
        describe_model_package,
        delete_model_package,
        delete_model_package_group,
        put_model_package_group_policy,
        get_model_package_group_policy,
        delete_model_package_group_policy,
    ):
        setattr(SageMakerResponse, operation.__name__, operation)


def created_by() -> dict[str, Any]:
    """SageMaker's record of who did something (UserContext, SageMaker API reference)."""
    call = current_call()
    if call is None:
        return {}
    who = call.principal
    identity = {"Arn": who.identity_arn, "PrincipalId": who.id}
    if who.session and who.session.source_identity:
        identity["SourceIdentity"] = who.session.source_identity
    return {"IamIdentity": identity}


def _complete(package: Any, given: Mapping[str, Any]) -> None:
    package.created_by = created_by()
    for member, attribute in FORGOTTEN.items():
        setattr(package, attribute, given.get(member))
    package.customer_metadata_properties = dict(given.get("CustomerMetadataProperties") or {})


def _change(package: Any, given: Mapping[str, Any]) -> None:
    properties = dict(package.customer_metadata_properties or {})
    for name in given.get("CustomerMetadataPropertiesToRemove") or ():
        properties.pop(name, None)
    properties.update(given.get("CustomerMetadataProperties") or {})
    if len(properties) > MOST_PROPERTIES:
        raise AWSValidationException(f"More than {MOST_PROPERTIES} customer metadata properties")
    package.customer_metadata_properties = properties
    if given.get("ModelApprovalStatus"):
        package.set_model_approval_status(given["ModelApprovalStatus"])
    if "ApprovalDescription" in given:
        package.approval_description = given["ApprovalDescription"]
    if given.get("ModelLifeCycle"):
        package.model_life_cycle = given["ModelLifeCycle"]
    if given.get("AdditionalInferenceSpecificationsToAdd"):
        package.add_additional_inference_specifications(
            given["AdditionalInferenceSpecificationsToAdd"]
        )
    if given.get("InferenceSpecification"):
        package.inference_specification = given["InferenceSpecification"]
    package.last_modified_time = utcnow()
    package.last_modified_by = created_by()


def _check_properties(properties: Mapping[str, str]) -> None:
    for key, value in properties.items():
        fits = len(key) <= LONGEST_KEY and len(value) <= LONGEST_VALUE
        if not fits or not PROPERTY_KEY.match(key) or not PROPERTY_KEY.match(value):
            raise AWSValidationException(
                f"1 validation error detected: Value at 'customerMetadataProperties' failed to "
                f"satisfy constraint: {key} must match [\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]* with "
                f"at most {LONGEST_KEY} characters in its name and {LONGEST_VALUE} in its value"
            )


def _check_approval(status: str | None) -> None:
    if status is not None and status not in APPROVALS:
        raise AWSValidationException(
            f"1 validation error detected: Value '{status}' at 'modelApprovalStatus' failed to "
            f"satisfy constraint: Member must satisfy enum value set: [{', '.join(APPROVALS)}]"
        )


def _package(response: SageMakerResponse, name: Any) -> Any:
    """By name or ARN; an ARN may be another account's."""
    parts = str(name).split(":")
    backend = response.sagemaker_backend
    if len(parts) == 6:
        backend = sagemaker_backends[parts[4]][parts[3]]
    package = backend.model_packages.get(backend.model_package_name_mapping.get(name, name))
    if package is None:
        raise AWSValidationException(f"ModelPackage {name} does not exist.")
    return package


def _backend(package: Any) -> Any:
    region, account = package.arn.split(":")[3:5]
    return sagemaker_backends[account][region]


def _at_owner(response: SageMakerResponse) -> None:
    """Go on in the account that a group's ARN names: that it may was judged at the front door."""
    parts = str(response._get_param("ModelPackageGroupName") or "").split(":")
    if len(parts) == 6:
        response.current_account = parts[4]


def _group(response: SageMakerResponse) -> str:
    _at_owner(response)
    name = str(response._get_param("ModelPackageGroupName")).rsplit("/", 1)[-1]
    if name not in response.sagemaker_backend.model_package_groups:
        raise AWSValidationException(f"ModelPackageGroup {name} does not exist.")
    return name


def _policies(response: SageMakerResponse) -> dict[str, str]:
    held: dict[str, str] = response.sagemaker_backend.__dict__.setdefault(GROUP_POLICIES, {})
    return held
