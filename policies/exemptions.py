"""The reviewed exceptions to rules in exemptions.yaml: who excused what, why and until when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml

FILE: Final = Path(__file__).with_name("exemptions.yaml")
_RESOURCE: Final = re.compile(r"[a-z][\w-]*:[^:]+:\w+::[^\s:]*[^\s:*?][^\s:]*")


class ExemptionError(ValueError):
    """An exemption that is incomplete, contradicts itself or has expired; told in one line."""


@dataclass(frozen=True)
class Exemption:
    """One resource (or several of one kind) excused from one rule.

    Attributes:
        id: the rule's id, as in CKV_AWS_117 or a guardrail's.
        resource: `<Pulumi type>::<name>`, the end of a URN; * and ? in the name match any text.
        owner: who lives with the consequence.
        approver: who agreed; never the owner.
        expiry: the last day on which it holds.
    """

    id: str
    resource: str
    reason: str
    owner: str
    approver: str
    expiry: date

    def covers(self, rule: str, urn: str) -> bool:
        """Whether it excuses this resource from this rule."""
        *_, types, name = urn.split("::")
        kind = types.rpartition("$")[2]
        return self.id == rule and fnmatchcase(f"{kind}::{name}", self.resource)


def load(today: date, file: Path = FILE) -> tuple[Exemption, ...]:
    """Every exemption of the file; an `ExemptionError` when one is malformed or has expired."""
    try:
        content = yaml.safe_load(file.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ExemptionError(f"{file.name} cannot be read: {error}".replace("\n", " ")) from error
    if not isinstance(content, dict) or set(content) != {"exemptions"}:
        raise ExemptionError(f"{file.name}: it must hold one key, 'exemptions', with a list")
    exemptions = tuple(
        _exemption(each, f"{file.name}: exemption {number}")
        for number, each in enumerate(content["exemptions"] or [], 1)
    )
    for each in exemptions:
        if each.expiry < today:
            raise ExemptionError(
                f"{file.name}: the exemption of {each.resource} from {each.id} expired on "
                f"{each.expiry}; meet the rule or have {each.approver} renew it"
            )
    return exemptions


def covering(exemptions: Iterable[Exemption], rule: str, urn: str) -> Exemption | None:
    """The exemption that excuses this resource from this rule, if there is one."""
    return next((each for each in exemptions if each.covers(rule, urn)), None)


def _exemption(entry: Any, where: str) -> Exemption:
    if not isinstance(entry, Mapping):
        raise ExemptionError(f"{where} is no mapping")
    names = [each.name for each in fields(Exemption)]
    if missing := [name for name in names if not entry.get(name)]:
        raise ExemptionError(f"{where} lacks {', '.join(missing)}")
    if unknown := sorted(set(entry) - set(names)):
        raise ExemptionError(f"{where} has unknown keys: {', '.join(map(str, unknown))}")
    if type(entry["expiry"]) is not date:
        raise ExemptionError(f"{where}: expiry must be a day, as in 2027-06-30")
    texts = {name: str(entry[name]).strip() for name in names if name != "expiry"}
    if texts["owner"].casefold() == texts["approver"].casefold():
        raise ExemptionError(f"{where}: {texts['owner']} cannot approve their own exemption")
    if not _RESOURCE.fullmatch(texts["resource"]):
        raise ExemptionError(
            f"{where}: resource must be <Pulumi type>::<name>, "
            "as in aws:s3/bucket:Bucket::*-dev-raw"
        )
    return Exemption(**texts, expiry=entry["expiry"])
