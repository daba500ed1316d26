"""A model repo with R code in it, looked over."""

from pathlib import Path

from modelyard.doctor import Check
from modelyard.r import process
from modelyard.r.code import MODEL_FILE


def has_r_code(repo: Path) -> bool:
    """Whether the repo's package is written in R."""
    return any(repo.glob(f"src/*/{MODEL_FILE}"))


def look_over(repo: Path) -> list[Check]:
    """One check of a repo in R, none of another."""
    if not has_r_code(repo):
        return []
    reason = process.lacking()
    if reason is None:
        return [Check("r", "ok", f"{process.interpreter()}, with {' and '.join(process.PACKAGES)}")]
    told, _, remedy = reason.partition(f": {process.INSTALL}")
    return [Check("r", "fail", told, process.INSTALL + remedy)]
