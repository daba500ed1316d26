"""The condition keys a request carries: who asks, what it asks for and what it touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends

from sandbox.api_call import ApiCall
from sandbox.sagemaker_context import sagemaker_context
from sandbox.sessions import Principal
from sandbox.stored_tags import stored_tags
from sandbox.studio_context import studio_principal

GLOBAL_PREFIXES = ("iam:", "sts:", "organizations:", "budgets:")
_SCALING = {"service-namespace": "ServiceNamespace", "scalable-dimension": "ScalableDimension"}
Context = dict[str, Any]


def base_context(principal: Principal, region: str, action: str) -> Context:
    """Global keys that every request has."""
    now = datetime.now(UTC)
    context: Context = {
        "aws:PrincipalArn": principal.arn,
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalType": principal.kind,
        "aws:userid": principal.id,
        "aws:RequestedRegion": "us-east-1" if action.startswith(GLOBAL_PREFIXES) else region,
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:SecureTransport": "true",
        "aws:SourceIp": "127.0.0.1",
        "aws:ViaAWSService": "false",
        "aws:PrincipalIsAWSService": "false",
    }
    session = principal.session
    if session:
        context["aws:TokenIssueTime"] = session.issued.strftime("%Y-%m-%dT%H:%M:%SZ")
        if session.source_identity:
            context["aws:SourceIdentity"] = session.source_identity
        if session.federated:
            context["aws:FederatedProvider"] = session.federated
    elif principal.user_name:
        context["aws:username"] = principal.user_name
    for key, value in principal_tags(principal).items():
        context[f"aws:PrincipalTag/{key}"] = value
    if action.startswith("sagemaker:"):
        context.update(studio_principal(principal, region))
    return context


def principal_tags(principal: Principal) -> dict[str, str]:
    """Tags of the role or user; those of the session win."""
    backend = iam_backends[principal.account]["aws"]
    tags: dict[str, str] = {}
    if principal.kind == "AssumedRole":
        for role in list(backend.roles.values()):
            if role.arn == principal.arn:
                tags.update(_pairs(role.tags))
        tags.update(principal.session.tags if principal.session else {})
    elif principal.user_name and principal.user_name in backend.users:
        tags.update(_pairs(backend.users[principal.user_name].tags))
    return tags


def call_context(call: ApiCall) -> Context:
    """Keys from the request's own parameters."""
    given = call.parameters
    context: Context = {}
    tags = dict(_tags(given))
    if tags:
        context["aws:TagKeys"] = sorted(tags)
        context.update({f"aws:RequestTag/{key}": value for key, value in tags.items()})
    elif given.get("TagKeys"):
        context["aws:TagKeys"] = list(given["TagKeys"])
    if call.service == "s3":
        context.update(_s3(given))
    elif call.service == "sagemaker":
        context.update(sagemaker_context(call))
    elif call.service == "cloudwatch" and given.get("Namespace"):
        context["cloudwatch:namespace"] = given["Namespace"]
    elif call.service == "iam":
        boundary = given.get("PermissionsBoundary") or _boundary_in_force(call)
        if boundary:
            context["iam:PermissionsBoundary"] = boundary
        if given.get("PolicyArn"):
            context["iam:PolicyARN"] = given["PolicyArn"]
        if given.get("AWSServiceName"):
            context["iam:AWSServiceName"] = given["AWSServiceName"]
    elif call.service == "events":
        entries = given.get("Entries") or ()
        for key, member in (("events:source", "Source"), ("events:detail-type", "DetailType")):
            stated = sorted({entry[member] for entry in entries if entry.get(member)})
            if stated:
                context[key] = stated
    elif call.service == "application-autoscaling":
        for key, member in _SCALING.items():
            if given.get(member):
                context[f"application-autoscaling:{key}"] = given[member]
    elif call.service == "kms":
        context["kms:CallerAccount"] = call.account
        for key, value in (given.get("EncryptionContext") or {}).items():
            context[f"kms:EncryptionContext:{key}"] = value
    elif call.service == "ssm" and call.operation == "PutParameter":
        context["ssm:Overwrite"] = str(bool(given.get("Overwrite"))).lower()
    elif call.service == "sts":
        context.update(_sts(given))
    elif call.service == "application-autoscaling":
        context.update(_scaling(given))
    return context


def tag_context(resource: str, action: str) -> Context:
    """aws:ResourceTag of what the request touches, and SageMaker's own spelling of it."""
    context: Context = {}
    for key, value in stored_tags(resource).items():
        context[f"aws:ResourceTag/{key}"] = value
        if action.startswith("sagemaker:"):
            context[f"sagemaker:ResourceTag/{key}"] = value
        if action.startswith("iam:"):
            context[f"iam:ResourceTag/{key}"] = value
    return context


def _boundary_in_force(call: ApiCall) -> str | None:
    """The boundary of the role whose policies a call changes, which IAM compares as well."""
    role = str(call.parameters.get("RoleName"))
    for known in list(iam_backends[call.account]["aws"].roles.values()):
        if known.name == role:
            return getattr(known, "permissions_boundary_arn", None)
    return None


def _s3(given: Mapping[str, Any]) -> Context:
    keys = {
        "Prefix": "s3:prefix",
        "Delimiter": "s3:delimiter",
        "MaxKeys": "s3:max-keys",
        "ServerSideEncryption": "s3:x-amz-server-side-encryption",
        "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "ACL": "s3:x-amz-acl",
        "StorageClass": "s3:x-amz-storage-class",
        "ObjectLockMode": "s3:object-lock-mode",
        "VersionId": "s3:VersionId",
    }
    return {key: str(given[name]) for name, key in keys.items() if given.get(name) is not None}


def _sts(given: Mapping[str, Any]) -> Context:
    keys = {
        "RoleSessionName": "sts:RoleSessionName",
        "ExternalId": "sts:ExternalId",
        "SourceIdentity": "sts:SourceIdentity",
    }
    return {key: given[name] for name, key in keys.items() if given.get(name)}


def _scaling(given: Mapping[str, Any]) -> Context:
    keys = {"ServiceNamespace": "service-namespace", "ScalableDimension": "scalable-dimension"}
    found = {key: given[name] for name, key in keys.items() if given.get(name)}
    return {f"application-autoscaling:{key}": value for key, value in found.items()}


def _tags(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Tags in a request: a list of pairs (in several spellings) or a map."""
    tags = given.get("Tags") or given.get("tags")
    if isinstance(tags, Mapping):
        yield from ((str(k), str(v)) for k, v in tags.items())
    elif isinstance(tags, list):
        yield from _pairs(tags).items()


def _pairs(tags: Any) -> dict[str, str]:
    if isinstance(tags, Mapping):
        return {
            str(k): str(v.get("Value", "") if isinstance(v, Mapping) else v)
            for k, v in tags.items()
        }
    return {
        str(tag.get("Key") or tag.get("key") or tag.get("TagKey")): str(
            tag.get("Value") or tag.get("value") or tag.get("TagValue") or ""
        )
        for tag in tags or []
    }
