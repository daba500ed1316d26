"""Condition operators of IAM policies, compiled once into predicates over a request's context."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Final, Literal, TypeVar

from policies.matching import Context, Matcher, Style, matcher


class PolicyError(ValueError):
    """A policy document that AWS would refuse or that we cannot judge."""


T = TypeVar("T")

Quantifier = Literal["all", "any"]
Builder = Callable[[Sequence[str], bool], Matcher]


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key: does the request's context satisfy it?"""

    key: str
    matches: Matcher
    negated: bool
    quantifier: Quantifier | None
    if_exists: bool

    def holds(self, context: Context) -> bool:
        values = context.get(self.key)
        if not values:
            return self._holds_when_missing()
        if self.quantifier != "all":
            return any(self.matches(value, context) != self.negated for value in values)
        if values == ("",):
            return True
        return all(self.matches(value, context) != self.negated for value in values)

    def _holds_when_missing(self) -> bool:
        if self.if_exists or self.quantifier == "all":
            return True
        return self.negated and self.quantifier is None


@dataclass(frozen=True, slots=True)
class NullCondition:
    """`Null`: is the key absent or empty?"""

    key: str
    accepted: frozenset[bool]

    def holds(self, context: Context) -> bool:
        return (not any(context.get(self.key) or ())) in self.accepted


AnyCondition = Condition | NullCondition


def compile_condition(
    operator: str, key: str, values: Sequence[str], variables: bool
) -> AnyCondition:
    """Raises PolicyError for an operator or value that IAM does not know."""
    lower_key = key.lower()
    if operator == "Null":
        return NullCondition(lower_key, frozenset(_boolean(value) for value in values))
    quantifier, name = _quantifier(operator)
    if_exists = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = name in _NEGATED
    build = _OPERATORS.get(_NEGATED.get(name, name))
    if build is None:
        raise PolicyError(f"unknown condition operator {operator!r}")
    return Condition(lower_key, build(values, variables), negated, quantifier, if_exists)


def _quantifier(operator: str) -> tuple[Quantifier | None, str]:
    if operator.startswith("ForAllValues:"):
        return "all", operator.removeprefix("ForAllValues:")
    if operator.startswith("ForAnyValue:"):
        return "any", operator.removeprefix("ForAnyValue:")
    return None, operator


def _texts(style: Style, values: Sequence[str], variables: bool) -> Matcher:
    matchers = [matcher(value, style, variables) for value in values]
    if len(matchers) == 1:
        return matchers[0]
    return lambda value, context: any(matches(value, context) for matches in matchers)


def _ignoring_case(values: Sequence[str], variables: bool) -> Matcher:
    matches = _texts("exact", [value.casefold() for value in values], variables)

    def matches_folded(value: str, context: Context) -> bool:
        folded = {key: tuple(v.casefold() for v in known) for key, known in context.items()}
        return matches(value.casefold(), folded)

    return matches_folded


def _compared(
    compare: Callable[[T, T], bool],
    read: Callable[[str], T],
    values: Sequence[str],
    variables: bool,
) -> Matcher:
    """Values of an ordered type; a request value that cannot be read matches nothing."""
    limits = [read(value) for value in values]

    def matches(value: str, context: Context) -> bool:
        try:
            known = read(value)
        except PolicyError:
            return False
        return any(compare(known, limit) for limit in limits)

    return matches


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise PolicyError(f"{text!r} is not a number") from None


def _instant(text: str) -> float:
    """Seconds since the epoch from ISO 8601 or from epoch seconds."""
    try:
        if text.lstrip("-").isdigit() and len(text) > len("2026"):
            return float(text)
        moment = datetime.fromisoformat(text if len(text) > len("2026") else f"{text}-01-01")
    except ValueError:
        raise PolicyError(f"{text!r} is not a date") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise PolicyError(f"{text!r} is not true or false")
    return text.lower() == "true"


def _addresses(values: Sequence[str], variables: bool) -> Matcher:
    try:
        networks = [ip_network(value, strict=False) for value in values]
    except ValueError as error:
        raise PolicyError(str(error)) from None

    def matches(value: str, context: Context) -> bool:
        try:
            address = ip_address(value)
        except ValueError:
            return False
        return any(address in network for network in networks)

    return matches


_OPERATORS: Final[dict[str, Builder]] = {
    "StringEquals": partial(_texts, "exact"),
    "StringEqualsIgnoreCase": _ignoring_case,
    "StringLike": partial(_texts, "glob"),
    "ArnEquals": partial(_texts, "arn"),
    "ArnLike": partial(_texts, "arn"),
    "BinaryEquals": partial(_compared, eq, str),
    "Bool": partial(_compared, eq, _boolean),
    "IpAddress": _addresses,
    "NumericEquals": partial(_compared, eq, _number),
    "NumericLessThan": partial(_compared, lt, _number),
    "NumericLessThanEquals": partial(_compared, le, _number),
    "NumericGreaterThan": partial(_compared, gt, _number),
    "NumericGreaterThanEquals": partial(_compared, ge, _number),
    "DateEquals": partial(_compared, eq, _instant),
    "DateLessThan": partial(_compared, lt, _instant),
    "DateLessThanEquals": partial(_compared, le, _instant),
    "DateGreaterThan": partial(_compared, gt, _instant),
    "DateGreaterThanEquals": partial(_compared, ge, _instant),
}

_NEGATED: Final = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
}
