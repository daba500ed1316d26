"""The tags a stored resource carries, for aws:ResourceTag."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.studio_context import studio_tags

# Where sandbox.aws.mlflow_apps keeps them.
MLFLOW_APPS = "modelyard_mlflow_apps"


def stored_tags(arn: str) -> dict[str, str]:
    """Tags of the resource with this ARN; none for one that does not exist."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return {}
    read = READERS.get(parts[2])
    return read(parts[3], parts[4], parts[5], arn) if read else {}


def _sagemaker(region: str, account: str, resource: str, arn: str) -> dict[str, str]:
    from moto.sagemaker.models import sagemaker_backends

    kind, _, name = resource.partition("/")
    if kind in ("user-profile", "space"):
        return _values(studio_tags(region, account, kind, name))
    if kind == "mlflow-app":
        apps = sagemaker_backends[account][region].__dict__.get(MLFLOW_APPS, {})
        return {tag["Key"]: tag["Value"] for tag in apps.get(arn, {}).get("Tags", ())}
    collection = COLLECTIONS.get(kind)
    if collection is None:
        return {}
    held = getattr(sagemaker_backends[account][region], collection, {})
    found = held.get(name) or held.get(arn)
    tags = getattr(found, "tags", None) if found else None
    return {tag["Key"]: tag["Value"] for tag in tags or []}


COLLECTIONS: Mapping[str, str] = {
    "endpoint": "endpoints",
    "endpoint-config": "endpoint_configs",
    "model": "_models",
    "model-package": "model_packages",
    "model-package-group": "model_package_groups",
    "pipeline": "pipelines",
    "processing-job": "processing_jobs",
    "training-job": "training_jobs",
    "transform-job": "transform_jobs",
}


def _lambda(region: str, account: str, resource: str, arn: str) -> dict[str, str]:
    from moto.awslambda.models import lambda_backends

    for function in list(lambda_backends[account][region].list_functions()):
        if function.function_arn == arn:
            return dict(function.tags)
    return {}


def _iam(region: str, account: str, resource: str, arn: str) -> dict[str, str]:
    from moto.iam.models import iam_backends

    for role in list(iam_backends[account]["aws"].roles.values()):
        if role.arn == arn:
            return _values(role.tags)
    return {}


def _values(tags: Any) -> dict[str, str]:
    if isinstance(tags, Mapping):
        return {
            str(key): str(tag.get("Value", "") if isinstance(tag, Mapping) else tag)
            for key, tag in tags.items()
        }
    return {tag["Key"]: tag["Value"] for tag in tags or []}


READERS: Mapping[str, Callable[[str, str, str, str], dict[str, str]]] = {
    "iam": _iam,
    "lambda": _lambda,
    "sagemaker": _sagemaker,
}
