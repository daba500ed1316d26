"""Holds a card against SageMaker's schema before AWS does, and names whose words do not fit.

The part of JSON Schema draft-07 that the schema uses; `jsonschema` is what the tests compare with.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from modelyard.errors import CardError

# CreateModelCard, Content (SageMaker API reference): its longest, and one line only.
LONGEST = 100_000
_KINDS: Mapping[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": int | float,
    "boolean": bool,
}
# A card's field -> the key of project.yaml that it repeats.
_KEYS = {
    "intended_uses.purpose_of_model": "business.objective",
    "intended_uses.intended_uses": "risk.intended_uses",
    "intended_uses.factors_affecting_model_efficiency": "risk.limitations",
    "intended_uses.explanations_for_risk_rating": "risk.hazards",
    "business_details.business_problem": "business.objective",
    "business_details.business_stakeholders": "business.owner",
    "business_details.line_of_business": "owner",
    "model_overview.model_description": "title",
    "model_overview.model_owner": "business.owner",
    "additional_information.ethical_considerations": "risk.human_review",
    "additional_information.caveats_and_recommendations": "risk.out_of_scope",
    "training_details.training_job_details.hyper_parameters": "training.hyperparameters",
    "evaluation_details": "model.protected",
}


def text(card: Mapping[str, Any]) -> str:
    """A card's content as the API takes it: one line, the same for the same card."""
    return json.dumps(card, sort_keys=True, separators=(",", ":"))


def checked(card: dict[str, Any]) -> dict[str, Any]:
    """The card itself; CardError names each field that SageMaker would refuse, and its source."""
    problems = [f"{_source(field)}: {message}" for field, message in violations(card)]
    size = len(text(card))
    if size > LONGEST:
        longest = max(card, key=lambda part: len(text({part: card[part]})))
        problems.append(
            f"{_source(longest)}: the card has {size} characters and SageMaker takes {LONGEST}; "
            f"most are in {longest}: state less"
        )
    if problems:
        raise CardError("\n".join(problems))
    return card


def violations(card: Any) -> Iterator[tuple[str, str]]:
    """Where a card breaks the schema, as (field, what and fix)."""
    yield from _violations(card, schema(), "")


@cache
def schema() -> Mapping[str, Any]:
    """The schema as it is shipped."""
    document: Mapping[str, Any] = json.loads(
        Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
    )
    return document


def _source(field: str) -> str:
    for place, key in _KEYS.items():
        if field == place or field.startswith((f"{place}.", f"{place}[")):
            return f"project.yaml: {key}"
    return f"model card: {field}"


def _violations(value: Any, rule: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    if "$ref" in rule:
        rule = schema()["definitions"][rule["$ref"].rpartition("/")[2]]
    if "anyOf" in rule:
        found = [list(_violations(value, choice, field)) for choice in rule["anyOf"]]
        if all(found):
            yield min(found, key=len)[0]
        return
    kind = rule.get("type")
    if kind and not _is_of(value, kind):
        yield field, f"is {json.dumps(value)[:40]} and has to be of type {kind}"
    elif "enum" in rule and value not in rule["enum"]:
        yield field, f"is {value!r} and has to be one of {', '.join(rule['enum'])}"
    elif isinstance(value, str):
        yield from _text_violations(value, rule, field)
    elif isinstance(value, list):
        yield from _list_violations(value, rule, field)
    elif isinstance(value, Mapping):
        yield from _object_violations(value, rule, field)


def _is_of(value: Any, kind: str) -> bool:
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _text_violations(value: str, rule: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    longest = rule.get("maxLength")
    if longest is not None and len(value) > longest:
        yield field, f"{len(value)} characters; a model card takes {longest} in {field}: shorten it"
    if "pattern" in rule and not re.search(rule["pattern"], value):
        yield field, f"is empty, which a model card does not take in {field}: state it"


def _list_violations(value: Any, rule: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    fewest, most = rule.get("minItems", 0), rule.get("maxItems", len(value))
    if not fewest <= len(value) <= most:
        yield field, f"{len(value)} entries; a model card takes {fewest} to {most}: state others"
    for place, item in enumerate(value):
        yield from _violations(item, rule.get("items", {}), f"{field}[{place}]")


def _object_violations(
    value: Mapping[str, Any], rule: Mapping[str, Any], field: str
) -> Iterator[tuple[str, str]]:
    known, others = rule.get("properties", {}), rule.get("additionalProperties", {})
    for name in rule.get("required", ()):
        if name not in value:
            yield _inside(field, name), "is missing"
    for name, item in value.items():
        if name not in known and others is False:
            yield _inside(field, name), "is no field of a model card: remove it"
        else:
            inner = known.get(name, others if isinstance(others, Mapping) else {})
            yield from _violations(item, inner, _inside(field, name))


def _inside(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name
