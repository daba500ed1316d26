"""The technical file as plain data: statements with evidence, and gaps that say where to fill."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Evidence:
    """Where a statement can be checked.

    Attributes:
        sha256: of the stored bytes; of the canonical JSON for what is no stored document, namely a
            model package's metadata and what project.yaml states.
    """

    uri: str
    sha256: str


@dataclass(frozen=True)
class Statement:
    """One sentence or list under a point, with what proves it."""

    point: str
    text: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Gap:
    """What a point asks for and nobody stated or recorded, and where to state it."""

    point: str
    missing: str
    where: str

    @property
    def sentence(self) -> str:
        return f"missing: {self.missing}; {self.where}"


@dataclass(frozen=True)
class Section:
    """One of the nine sections of Annex IV."""

    number: str
    title: str
    statements: tuple[Statement, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class TechnicalFile:
    """The technical documentation of one model version."""

    project: str
    title: str
    version: int
    model_package_arn: str
    risk_tier: str
    sections: tuple[Section, ...]
    law: Mapping[str, Any] = field(repr=False)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Everything that is missing."""
        return tuple(gap for section in self.sections for gap in section.gaps)

    def summary(self) -> Sequence[Mapping[str, Any]]:
        """Per section how many statements, how many of them with evidence, and how many gaps."""
        return [
            {
                "number": section.number,
                "title": section.title,
                "statements": len(section.statements),
                "evidenced": sum(bool(one.evidence) for one in section.statements),
                "gaps": len(section.gaps),
            }
            for section in self.sections
        ]

    def document(self) -> dict[str, Any]:
        """The file as JSON takes it."""
        return {"schema_version": SCHEMA_VERSION, **asdict(self)}
