"""The policies that resources themselves carry, from moto's stored state."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from policies.evaluation import Policy, PolicyError

GROUP_POLICIES = "modelyard_group_policies"


@lru_cache(maxsize=2048)
def parsed(text: str, name: str) -> Policy:
    """A policy document compiled once for all requests."""
    return Policy.parse(text, name)


def resource_policy(arn: str) -> Policy | None:
    """The policy of the resource with this ARN, if it carries one."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    read = READERS.get(parts[2])
    text = read(parts[3], parts[4], parts[5]) if read else None
    if not text:
        return None
    try:
        return parsed(text, f"the policy of {parts[2]} {parts[5]}")
    except PolicyError:
        # moto accepts documents that AWS refuses; one that cannot be read grants nothing.
        return None


def owner(arn: str, default: str) -> str:
    """The account a resource belongs to; buckets carry none in their ARN."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return default
    if parts[2] == "s3":
        bucket = _bucket(parts[5])
        return str(bucket.account_id) if bucket else default
    return parts[4] or default


def _bucket(resource: str) -> Any:
    from moto.s3.models import s3_backends

    name = resource.split("/", 1)[0]
    for partitions in list(s3_backends.values()):
        bucket = partitions["aws"].buckets.get(name)
        if bucket:
            return bucket
    return None


def _s3(region: str, account: str, resource: str) -> str | None:
    bucket = _bucket(resource)
    return bucket.policy.decode() if bucket and bucket.policy else None


def _kms(region: str, account: str, resource: str) -> str | None:
    from moto.kms.models import kms_backends

    key = kms_backends[account][region].keys.get(resource.removeprefix("key/"))
    return key.policy if key else None


def _lambda(region: str, account: str, resource: str) -> str | None:
    from moto.awslambda.models import lambda_backends

    name = resource.split(":")[1] if ":" in resource else resource
    for function in list(lambda_backends[account][region].list_functions()):
        if function.function_name == name and function.policy.statements:
            return json.dumps({"Version": "2012-10-17", "Statement": function.policy.statements})
    return None


def _sns(region: str, account: str, resource: str) -> str | None:
    from moto.sns.models import sns_backends

    topic = sns_backends[account][region].topics.get(f"arn:aws:sns:{region}:{account}:{resource}")
    return topic.policy if topic else None


def _sqs(region: str, account: str, resource: str) -> str | None:
    from moto.sqs.models import sqs_backends

    queue = sqs_backends[account][region].queues.get(resource)
    return queue.policy if queue else None


def _ecr(region: str, account: str, resource: str) -> str | None:
    from moto.ecr.models import ecr_backends

    name = resource.removeprefix("repository/")
    repository = ecr_backends[account][region].repositories.get(name)
    return repository.policy if repository else None


def _events(region: str, account: str, resource: str) -> str | None:
    from moto.events.models import events_backends

    bus = events_backends[account][region].event_buses.get(resource.removeprefix("event-bus/"))
    return bus.policy if bus else None


def _logs(region: str, account: str, resource: str) -> str | None:
    from moto.logs.models import logs_backends

    statements: list[Any] = []
    for policy in list(logs_backends[account][region].resource_policies.values()):
        document = json.loads(policy.policy_document)
        listed = document.get("Statement", [])
        statements += listed if isinstance(listed, list) else [listed]
    # Sids are unique within each policy, not across an account's policies.
    for statement in statements:
        statement.pop("Sid", None)
    if not statements:
        return None
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _sagemaker(region: str, account: str, resource: str) -> str | None:
    from moto.sagemaker.models import sagemaker_backends

    kind, _, name = resource.partition("/")
    if kind not in ("model-package-group", "model-package"):
        return None
    policies = sagemaker_backends[account][region].__dict__.get(GROUP_POLICIES, {})
    found: str | None = policies.get(name.split("/")[0])
    return found


def _iam(region: str, account: str, resource: str) -> str | None:
    from moto.iam.models import iam_backends

    name = resource.rsplit("/", 1)[-1]
    for role in list(iam_backends[account]["aws"].roles.values()):
        if role.name == name and resource.startswith("role/"):
            return str(role.assume_role_policy_document)
    return None


READERS: Mapping[str, Callable[[str, str, str], str | None]] = {
    "ecr": _ecr,
    "events": _events,
    "iam": _iam,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "s3": _s3,
    "sagemaker": _sagemaker,
    "sns": _sns,
    "sqs": _sqs,
}
