"""The controls (policies/controls.yaml): what is promised, where it is kept, and what proves it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from policies.guardrails.catalogue import all_rules

ROOT: Final = Path(__file__).resolve().parents[1]
FILE: Final = Path(__file__).with_name("controls.yaml")
FRAMEWORKS: Final = Path(__file__).with_name("frameworks.yaml")
PLACES: Final = ("IAM", "SCP", "guardrail", "release code", "sandbox")
FAMILIES: Final = ("EU AI Act", "GDPR", "ISO/IEC 42001", "NIST AI RMF", "SR 26-2", "Security Hub")
REFERENCE: Final = re.compile(
    r"Security Hub \w+\.\d+|(EU AI Act|GDPR) Art\. \d+|ISO/IEC 42001 A\.\d+"
    r"|NIST AI RMF (GOVERN|MAP|MEASURE|MANAGE) \d\.\d+|SR 26-2 [a-z ]+"
)


class ControlsError(ValueError):
    """The list of controls cannot be read; told in one line."""


@dataclass(frozen=True)
class Enforcement:
    """Where a control is kept: the kind of place, and the file that does it."""

    by: str
    where: str


@dataclass(frozen=True)
class Control:
    """One promise.

    Attributes:
        rules: the guardrails that keep it.
        tests: pytest ids of the tests that prove it.
        frameworks: requirements it serves, its guardrails' own included.
    """

    id: str
    control: str
    owner: str
    rules: tuple[str, ...]
    enforced: tuple[Enforcement, ...]
    tests: tuple[str, ...]
    frameworks: tuple[str, ...]


@lru_cache(maxsize=4)
def load(file: Path = FILE) -> tuple[Control, ...]:
    """Every control.

    Raises:
        ControlsError: the file is not a list of controls.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        entries = content["controls"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ControlsError(f"{file.name}: not a list of controls") from error
    return tuple(_control(entry, file.name) for entry in entries)


def problems(controls: Iterable[Control], root: Path = ROOT) -> Iterator[str]:
    """What is wrong between controls, guardrails, tests and files, a sentence each."""
    stated = tuple(controls)
    rules = {rule.id for rule in all_rules()}
    named = [rule for control in stated for rule in control.rules]
    for rule in sorted(rules - set(named)):
        yield f"guardrail {rule} belongs to no control"
    for control in stated:
        for rule in sorted(set(control.rules) - rules):
            yield f"{control.id} names the guardrail {rule}, which does not exist"
        if not control.tests:
            yield f"{control.id} has no test"
        for test in control.tests:
            if not exists(test, root):
                yield f"{control.id} names the test {test}, which does not exist"
        for enforcement in control.enforced:
            if enforcement.by not in PLACES:
                yield f"{control.id}: '{enforcement.by}' is none of {', '.join(PLACES)}"
            if not (root / enforcement.where).is_file():
                yield f"{control.id} is kept in {enforcement.where}, which does not exist"
        for reference in control.frameworks:
            if not REFERENCE.fullmatch(reference):
                yield f"{control.id}: '{reference}' is no reference we know the form of"
            elif reference not in requirements():
                yield f"{control.id}: '{reference}' is not listed in {FRAMEWORKS.name}"
    cited = {reference for control in stated for reference in control.frameworks}
    for reference in sorted(set(requirements()) - cited):
        yield f"{reference} is listed in {FRAMEWORKS.name}, but nothing cites it"


@lru_cache(maxsize=1)
def requirements() -> Mapping[str, str]:
    """The title of every requirement that is cited."""
    listed = yaml.safe_load(FRAMEWORKS.read_text(encoding="utf-8"))["frameworks"]
    return {name: title for each in listed for name, title in each["requirements"].items()}


def exists(test: str, root: Path = ROOT) -> bool:
    """Whether a pytest id names a test function that is there."""
    file, _, name = test.partition("::")
    return name in _functions(root / file)


def by_number(reference: str) -> tuple[int, str, float, str]:
    """Sorts references as their framework lists them: article 9 before article 15."""
    text, _, last = reference.rpartition(" ")
    head, _, number = last.rpartition(".")
    rank = FAMILIES.index(family(reference))
    if last.isdigit():
        return rank, text, float(last), ""
    return rank, f"{text} {head}", float(number) if number.isdigit() else 0.0, last


def family(reference: str) -> str:
    """The framework a reference belongs to."""
    return next(name for name in FAMILIES if reference.startswith(name))


@lru_cache(maxsize=256)
def _functions(file: Path) -> frozenset[str]:
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(
        each.name
        for each in tree.body
        if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")
    )


def _control(entry: Any, file: str) -> Control:
    names = {each.name for each in fields(Control)}
    if not isinstance(entry, Mapping) or not set(entry) <= names:
        raise ControlsError(f"{file}: a control has the keys {', '.join(sorted(names))}")
    if missing := sorted(names - {"rules"} - set(entry)):
        raise ControlsError(f"{file}: control {entry.get('id')} lacks {', '.join(missing)}")
    rules = tuple(entry.get("rules", ()))
    own = {rule.id: rule.references for rule in all_rules()}
    served = {*entry["frameworks"], *(each for rule in rules for each in own.get(rule, ()))}
    return Control(
        id=entry["id"],
        control=entry["control"],
        owner=entry["owner"],
        rules=rules,
        enforced=tuple(Enforcement(**each) for each in entry["enforced"]),
        tests=tuple(entry["tests"]),
        frameworks=tuple(sorted(served, key=by_number)),
    )
