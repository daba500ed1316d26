"""EventBridge Scheduler: a schedule's role must let the scheduler in, as AWS requires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.scheduler.exceptions import ValidationException
from moto.scheduler.models import EventBridgeSchedulerBackend

from sandbox.trust import TrustError, role_by_arn, service_may_assume

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

SERVICE = "scheduler.amazonaws.com"


def install(sandbox: Sandbox) -> None:
    """Check the target's role before moto stores a schedule."""
    create = EventBridgeSchedulerBackend.create_schedule
    update = EventBridgeSchedulerBackend.update_schedule

    def create_schedule(self: EventBridgeSchedulerBackend, *args: Any, **kwargs: Any) -> Any:
        _check(kwargs["target"])
        return create(self, *args, **kwargs)

    def update_schedule(self: EventBridgeSchedulerBackend, *args: Any, **kwargs: Any) -> Any:
        _check(kwargs["target"])
        return update(self, *args, **kwargs)

    EventBridgeSchedulerBackend.create_schedule = create_schedule
    EventBridgeSchedulerBackend.update_schedule = update_schedule


def _check(target: dict[str, Any]) -> None:
    try:
        role, account = role_by_arn(str(target["RoleArn"]))
        service_may_assume(role, account, SERVICE)
    except TrustError:
        raise ValidationException(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            "role."
        ) from None
