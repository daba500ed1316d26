"""Whether a service may write to an encrypted topic or queue: by the policy of its key."""

from __future__ import annotations

from collections.abc import Mapping

from moto.kms.models import kms_backends

from sandbox.authorization import service_decision

ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")


class KeyRefusedError(Exception):
    """A key that a service may not use, and why."""


def require_key(service: str, arn: str, key: object, context: Mapping[str, str]) -> None:
    """Refuse a service that the key of a topic or queue does not let in.

    Sources: "Enable compatibility between event sources from AWS services and encrypted topics"
    (Amazon SNS) and "Configure AWS KMS permissions for Amazon SQS". A key of AWS's own, such as
    `alias/aws/sns`, lets no service in.
    """
    if not key:
        return
    region, account = arn.split(":")[3:5]
    backend = kms_backends[account][region]
    owned = not str(key).startswith("alias/aws/")
    found = backend.keys.get(backend.any_id_to_key_id(str(key))) if owned else None
    if found is None:
        raise KeyRefusedError(f"{service} may not use the key {key} of {arn}")
    for action in ACTIONS:
        decision = service_decision(service, action, found.arn, context)
        if not decision.allowed:
            raise KeyRefusedError(
                f"the key of {arn} does not allow {service} {action}: {decision.reason}"
            )
