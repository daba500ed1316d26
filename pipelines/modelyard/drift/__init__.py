"""Whether later rows still look like those a model was trained on, and how much it matters.

    report = drift.compare(baseline, current, drift.Thresholds(psi=0.2), importance={"income": 0.4})
    report.status, report.score, [finding.sentence for finding in report.findings]

Works on two profiles (modelyard.profile), never on rows: what it costs does not depend on them.
"""

from modelyard.drift.findings import Finding as Finding
from modelyard.drift.groups import Bar as Bar
from modelyard.drift.report import ColumnDrift as ColumnDrift
from modelyard.drift.report import DriftReport as DriftReport
from modelyard.drift.report import compare as compare
from modelyard.drift.thresholds import Thresholds as Thresholds
