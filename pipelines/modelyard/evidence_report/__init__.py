"""The evidence report of one model: everything known of it, with hashes, gaps and differences."""

from modelyard.evidence_report.build import build
from modelyard.evidence_report.page import page
from modelyard.evidence_report.records import Records, gather_records
from modelyard.evidence_report.report import Report

__all__ = ["Records", "Report", "build", "gather_records", "page"]
