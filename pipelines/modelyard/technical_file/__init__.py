"""The technical documentation that Annex IV of the EU AI Act asks of a high-risk system."""

from modelyard.evidence import Dossier
from modelyard.technical_file import development, operation, system
from modelyard.technical_file.law import law, title
from modelyard.technical_file.model import Evidence, Gap, Section, Statement, TechnicalFile
from modelyard.technical_file.teller import Teller

__all__ = ["Evidence", "Gap", "Section", "Statement", "TechnicalFile", "build"]

_SECTIONS = {
    "1": system.section_1,
    "2": development.section_2,
    "3": operation.section_3,
    "4": operation.section_4,
    "5": operation.section_5,
    "6": operation.section_6,
    "7": operation.section_7,
    "8": operation.section_8,
    "9": operation.section_9,
}


def build(dossier: Dossier) -> TechnicalFile:
    """The file of a model version: every point is answered by a statement or named as a gap."""
    tell = Teller(dossier)
    return TechnicalFile(
        project=dossier.project.name,
        title=dossier.project.title,
        version=dossier.package.version,
        model_package_arn=dossier.package.arn,
        risk_tier=dossier.project.risk.tier,
        sections=tuple(_section(number, tell) for number in _SECTIONS),
        law=law(),
    )


def _section(number: str, tell: Teller) -> Section:
    told = tuple(_SECTIONS[number](tell))
    return Section(
        number=number,
        title=title(number),
        statements=tuple(one for one in told if isinstance(one, Statement)),
        gaps=tuple(one for one in told if isinstance(one, Gap)),
    )
