"""Resource handlers by type token: one file per AWS service."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.provider.errors import UnsupportedTypeError
from sandbox.provider.handlers import (
    account_settings,
    athena,
    autoscaling,
    budgets,
    chatbot,
    cloudtrail,
    cloudwatch,
    composite_alarms,
    cost_tags,
    dashboards,
    default_security_group,
    ec2,
    ecr,
    events,
    flow_logs,
    glue,
    iam,
    identity_center,
    identity_providers,
    kms,
    lambda_,
    log_delivery,
    mlflow,
    organizations,
    s3,
    s3_settings,
    sagemaker,
    scheduler,
    security_groups,
    sns,
    sqs,
    ssm,
    studio,
    vpc_endpoints,
)
from sandbox.provider.handlers.base import Handler

MODULES = (
    account_settings,
    athena,
    autoscaling,
    budgets,
    chatbot,
    cloudtrail,
    cloudwatch,
    composite_alarms,
    cost_tags,
    dashboards,
    default_security_group,
    ec2,
    ecr,
    events,
    flow_logs,
    glue,
    iam,
    identity_center,
    identity_providers,
    kms,
    lambda_,
    log_delivery,
    mlflow,
    organizations,
    s3,
    s3_settings,
    sagemaker,
    scheduler,
    security_groups,
    sns,
    sqs,
    ssm,
    studio,
    vpc_endpoints,
)
HANDLERS: Mapping[str, Handler] = {
    handler.token: handler for module in MODULES for handler in module.HANDLERS
}


def handler_of(token: str, urn: str) -> Handler:
    """The handler of a type; a type without one is an error that names it."""
    try:
        return HANDLERS[token]
    except KeyError:
        raise UnsupportedTypeError(
            f"the sandbox has no handler for {token}, needed by {urn}"
        ) from None
