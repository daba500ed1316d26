"""The access matrix: who may do what where, as questions with the answers we promise."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from policies.documents import ADMINISTRATION, INFRASTRUCTURE, PERSONAS_BY_ENVIRONMENT
from policies.landscape import Question

FILE: Final = Path(__file__).with_name("access_matrix.csv")
COLUMNS: Final = (
    "row",
    "action",
    "resource",
    "context",
    "persona",
    "environment",
    "expected",
    "reason",
)
EVERYBODY: Final = "everybody"
ADMINISTRATORS: Final = (*ADMINISTRATION, INFRASTRUCTURE)

_PLACEHOLDER: Final = re.compile(r"\$\{([a-z_]+)\}")

# Requests as AWS sees them when the flows make them; a cell names one and changes what it tests.
PRESETS: Final[Mapping[str, Mapping[str, str]]] = {
    "job": {
        "sagemaker:VpcSubnets": "${subnet_a}|${subnet_b}",
        "sagemaker:VpcSecurityGroupIds": "${security_group}|",
        "sagemaker:InstanceTypes": "ml.m5.large|",
        "sagemaker:NetworkIsolation": "true",
        "sagemaker:InterContainerTrafficEncryption": "true",
        "sagemaker:MaxRuntimeInSeconds": "3600",
        "sagemaker:VolumeKmsKeyArn": "${key}",
        "sagemaker:OutputKmsKeyArn": "${key}",
    },
    "model": {
        "sagemaker:VpcSubnets": "${subnet_a}|${subnet_b}",
        "sagemaker:VpcSecurityGroupIds": "${security_group}|",
        "sagemaker:NetworkIsolation": "true",
    },
    "endpoint-config": {
        "sagemaker:ModelArn": "arn:aws:sagemaker:${region}:${account}:model/${project}-${env}-v1",
        "sagemaker:InstanceTypes": "ml.m5.large|",
        "sagemaker:VolumeKmsKeyArn": "${key}",
    },
    "transform": {
        "sagemaker:ModelArn": "arn:aws:sagemaker:${region}:${account}:model/${project}-${env}-v1",
        "sagemaker:InstanceTypes": "ml.m5.large|",
        "sagemaker:VolumeKmsKeyArn": "${key}",
        "sagemaker:OutputKmsKeyArn": "${key}",
    },
    "space": {
        "sagemaker:DomainId": "d-1",
        "sagemaker:UserProfileName": "alice",
        "sagemaker:OwnerUserProfileArn": (
            "arn:aws:sagemaker:${region}:${account}:user-profile/d-1/alice"
        ),
        "sagemaker:SpaceSharingType": "Private",
        "sagemaker:InstanceTypes": "ml.t3.medium|",
    },
    "register": {
        "sagemaker:ModelApprovalStatus": "PendingManualApproval",
        "sagemaker:CustomerMetadataProperties/trained_by": "alice",
    },
    "approve": {
        "sagemaker:ModelApprovalStatus": "Approved",
        "sagemaker:CurrentCustomerMetadataProperties/trained_by": "alice",
        "aws:PrincipalTag/user": "bob",
    },
    "promote": {
        "sagemaker:ModelLifeCycle:Stage": "Production",
        "sagemaker:ModelLifeCycle:StageStatus": "Approved",
        "sagemaker:CurrentCustomerMetadataProperties/trained_by": "alice",
        "aws:PrincipalTag/user": "bob",
    },
    "via-s3": {"kms:ViaService": "s3.${region}.amazonaws.com"},
    "to-sagemaker": {"iam:PassedToService": "sagemaker.amazonaws.com"},
    "to-scheduler": {"iam:PassedToService": "scheduler.amazonaws.com"},
}


class MatrixError(ValueError):
    """A line of the matrix that says nothing or contradicts another."""


@dataclass(frozen=True)
class Cell:
    """One promise about one persona in one environment."""

    row: str
    action: str
    resource: str
    context: str
    persona: str
    environment: str
    allowed: bool
    reason: str

    def question(self, values: Mapping[str, str]) -> Question:
        """The request, with a project's names filled in."""
        return Question(
            principal=self.persona,
            action=self.action,
            resource=_filled(self.resource, values),
            context={
                key: _filled(value, values).rstrip("|").split("|")
                if "|" in value
                else _filled(value, values)
                for key, value in _context(self.context).items()
            },
        )


def cells(path: Path = FILE) -> list[Cell]:
    """Every cell; a line that names several personas or environments holds one for each."""
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise MatrixError(f"{path.name}: the columns must be {', '.join(COLUMNS)}")
        found = [cell for line in reader for cell in _cells(line)]
    _refuse_contradictions(found)
    return found


def _cells(line: Mapping[str, str]) -> Iterator[Cell]:
    if line["expected"] not in ("allow", "deny"):
        raise MatrixError(f"row {line['row']}: expected must be allow or deny")
    for environment in line["environment"].split():
        for persona in _personas(line["persona"], environment):
            yield Cell(
                row=line["row"],
                action=line["action"],
                resource=line["resource"],
                context=line["context"],
                persona=persona,
                environment=environment,
                allowed=line["expected"] == "allow",
                reason=line["reason"],
            )


def _personas(named: str, environment: str) -> Iterable[str]:
    """`everybody -one -two` is all of the environment's, administration too, without those two."""
    exist = (*PERSONAS_BY_ENVIRONMENT[environment], *ADMINISTRATORS)
    words = named.split()
    if words[0] == EVERYBODY:
        excepted = {word.removeprefix("-") for word in words[1:]}
        return [persona for persona in exist if persona not in excepted]
    unknown = [word for word in words if word not in exist]
    if unknown:
        raise MatrixError(f"{unknown[0]} does not exist in {environment}")
    return words


def _context(text: str) -> dict[str, str]:
    """`preset; key=value; -key`: a preset request, with keys changed and removed."""
    context: dict[str, str] = {}
    for part in (part.strip() for part in text.split(";") if part.strip()):
        if part.startswith("-"):
            del context[part[1:]]
        elif "=" in part:
            key, value = part.split("=", 1)
            context[key] = value
        else:
            context.update(PRESETS[part])
    return context


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _refuse_contradictions(found: Iterable[Cell]) -> None:
    promised: dict[tuple[str, ...], bool] = {}
    for cell in found:
        what = (cell.action, cell.resource, cell.context, cell.persona, cell.environment)
        if promised.setdefault(what, cell.allowed) is not cell.allowed:
            raise MatrixError(f"row {cell.row}: contradicts another about {cell.persona}")
