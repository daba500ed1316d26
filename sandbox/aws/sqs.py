"""What moto's queues lack: a policy that outlives other changes, and the metric of what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.sqs.models import Queue, sqs_backends

from sandbox.metrics import Metric, Place

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

NAMESPACE, WAITING = "AWS/SQS", "ApproximateNumberOfMessagesVisible"
# "CloudWatch metrics for your SQS queues are collected and pushed at one-minute intervals."
EVERY = 60


def install(sandbox: Sandbox) -> None:
    """Publish when a message arrives, and each minute while one waits that an alarm watches."""
    add = Queue.add_message
    followed: set[str] = set()

    def add_message(self: Queue, *args: Any, **kwargs: Any) -> None:
        add(self, *args, **kwargs)
        _publish(sandbox, self)
        if self.queue_arn not in followed and sandbox.alarms.watched(*_metric(self)):
            followed.add(self.queue_arn)
            _follow(sandbox, self, followed)

    Queue.add_message = add_message
    _keep_the_policy()


def _keep_the_policy() -> None:
    """moto takes a queue's policy away whenever an attribute is set without one."""
    set_attributes = Queue._set_attributes

    def _set_attributes(self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
        stated = attributes if "Policy" in attributes else {**attributes, "Policy": self.policy}
        set_attributes(self, stated, now)

    Queue._set_attributes = _set_attributes


def _follow(sandbox: Sandbox, queue: Queue, followed: set[str]) -> None:
    def look(_: Any) -> None:
        place, name = _metric(queue)[0], queue.name
        if sqs_backends[place.account][place.region].queues.get(name) is not queue:
            followed.discard(queue.queue_arn)
            return
        _publish(sandbox, queue)
        if queue.approximate_number_of_messages:
            _follow(sandbox, queue, followed)
        else:
            followed.discard(queue.queue_arn)

    sandbox.clock.at(sandbox.clock.time() + EVERY, look)


def _publish(sandbox: Sandbox, queue: Queue) -> None:
    place, metric = _metric(queue)
    sandbox.metrics.put(
        place.account,
        place.region,
        metric.namespace,
        metric.name,
        queue.approximate_number_of_messages,
        "Count",
        dict(metric.dimensions),
    )


def _metric(queue: Queue) -> tuple[Place, Metric]:
    region, account = queue.queue_arn.split(":")[3:5]
    return Place(account, region), Metric.of(NAMESPACE, WAITING, {"QueueName": queue.name})
