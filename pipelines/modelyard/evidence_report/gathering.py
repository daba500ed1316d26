"""Makes the report of a version from everything that whoever asks may read."""

from collections.abc import Sequence
from dataclasses import replace

from modelyard.aws import Place
from modelyard.evidence import gather
from modelyard.evidence.reader import Reader
from modelyard.evidence_report.build import build
from modelyard.evidence_report.filing import previous_report
from modelyard.evidence_report.records import gather_records
from modelyard.evidence_report.report import Report


def made(place: Place, version: int, environments: Sequence[str]) -> Report:
    """The report, with the difference from the last one that was filed."""
    dossier = gather(place, version, environments)
    records = gather_records(place, dossier.package, environments)
    reader = Reader()
    previous = previous_report(place, dossier.package.version, reader)
    records = replace(
        records,
        gaps=(*records.gaps, *reader.gaps),
        problems=(*records.problems, *reader.problems),
    )
    return build(dossier, previous, records)
