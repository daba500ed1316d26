"""Attributes as SNS and SQS take them: texts by name."""

from __future__ import annotations

from sandbox.provider.handlers import documents
from sandbox.provider.handlers.base import Facts, Values

JSON_INPUTS = ("deliveryPolicy", "redrivePolicy", "redriveAllowPolicy", "filterPolicy")


def attributes(inputs: Values, table: Values) -> dict[str, str]:
    """The attributes of `table` (attribute to input) that have a value, as AWS's texts."""
    return {
        attribute: _text(inputs[name])
        for attribute, name in table.items()
        if inputs.get(name) is not None
    }


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def canonical_documents(inputs: Facts) -> None:
    """Bring the JSON documents among a topic's or queue's inputs into canonical form."""
    if inputs.get("policy"):
        inputs["policy"] = documents.policy(inputs["policy"], documents.RESOURCE)
    for name in JSON_INPUTS:
        if inputs.get(name):
            inputs[name] = documents.canonical(inputs[name])
