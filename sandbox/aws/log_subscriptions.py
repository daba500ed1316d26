"""CloudWatch Logs: filter patterns that filter, subscriptions that deliver, metric filters."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from moto.logs import models
from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend, LogStream

from sandbox.filter_pattern import Matcher, PatternError, read_pattern, selected
from sandbox.log_subscriptions import Source, require, subscribe
from sandbox.trust import TrustError

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox


class MessageFilter:
    """What FilterLogEvents asks of each message."""

    def __init__(self, pattern: str) -> None:
        self._matcher = _pattern(pattern)

    def matches(self, message: str) -> bool:
        """Whether the message is wanted."""
        return self._matcher(message)


def install(sandbox: Sandbox) -> None:
    """Pass what is written to a log stream on to who subscribed to it; time is the sandbox's."""
    put = LogStream.put_log_events
    send = LogStream._send_log_events
    put_subscription = LogsBackend.put_subscription_filter
    metric = LogsBackend.put_metric_filter
    writing = threading.RLock()

    def put_log_events(self: LogStream, log_events: list[dict[str, Any]]) -> str:
        # moto's streams are plain lists: one writer at a time.
        with writing:
            token = put(self, log_events)
        _count(sandbox, self, log_events)
        return str(token)

    def send_log_events(
        self: LogStream,
        service: str,
        destination_arn: str,
        filter_name: str,
        log_events: list[dict[str, Any]],
    ) -> None:
        subscription = self.log_group.subscription_filters[filter_name]
        wanted = _pattern(subscription.filter_pattern)
        matching = [event for event in log_events if wanted(event["message"])]
        if matching and service == "firehose":
            source = Source(self.log_group, self.log_stream_name, filter_name)
            subscribe(sandbox, source, destination_arn, subscription.role_arn, matching)
        elif matching:
            send(self, service, destination_arn, filter_name, matching)

    def put_subscription_filter(
        self: LogsBackend,
        log_group_name: str,
        filter_name: str,
        filter_pattern: str,
        destination_arn: str,
        role_arn: str,
    ) -> None:
        _pattern(filter_pattern)
        group = self.groups.get(log_group_name)
        if group is not None and ":firehose:" in destination_arn:
            try:
                require(str(role_arn), destination_arn, group)
            except TrustError as error:
                raise InvalidParameterException(
                    "Could not deliver test message to specified Firehose stream. Check if the "
                    f"given Firehose stream is in ACTIVE state. ({error})"
                ) from None
        put_subscription(
            self, log_group_name, filter_name, filter_pattern, destination_arn, role_arn
        )

    def put_metric_filter(
        self: LogsBackend, filter_name: str, filter_pattern: str, *args: Any, **kwargs: Any
    ) -> None:
        _pattern(filter_pattern)
        metric(self, filter_name, filter_pattern, *args, **kwargs)

    LogStream.put_log_events = put_log_events
    LogStream._send_log_events = send_log_events
    LogsBackend.put_subscription_filter = put_subscription_filter
    LogsBackend.put_metric_filter = put_metric_filter
    models.EventMessageFilter = MessageFilter
    models.utcnow = lambda: sandbox.clock.now().replace(tzinfo=None)


def _pattern(text: str) -> Matcher:
    try:
        return read_pattern(text)
    except PatternError as error:
        raise InvalidParameterException(str(error)) from None


def _count(sandbox: Sandbox, stream: LogStream, events: list[dict[str, Any]]) -> None:
    """The metric filters of the stream's group."""
    group = stream.log_group
    filters = models.logs_backends[group.account_id][group.region].filters
    for found in filters.get_matching_filters(log_group_name=group.name):
        wanted = _pattern(found["filterPattern"])
        for event in events:
            if wanted(event["message"]):
                for change in found["metricTransformations"]:
                    _emit(sandbox, group, event["message"], change)


def _emit(sandbox: Sandbox, group: Any, message: str, change: dict[str, Any]) -> None:
    text = str(change["metricValue"])
    value = selected(message, text) if text.startswith("$") else text
    dimensions = {
        name: str(selected(message, selector))
        for name, selector in (change.get("dimensions") or {}).items()
    }
    try:
        number = float(value)
    except (TypeError, ValueError):
        return
    sandbox.metrics.put(
        group.account_id,
        group.region,
        change["metricNamespace"],
        change["metricName"],
        number,
        change.get("unit") or "None",
        dimensions,
    )
