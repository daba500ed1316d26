"""What changed in a project since an earlier report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class ReportError(ValueError):
    """A file that is not a report; told in one line."""


def load(path: Path) -> tuple[dict[str, Any], str]:
    """An earlier report (its file, or the folder that holds it) and the hash of its bytes.

    Raises:
        ReportError: it is not one.
    """
    file = path / "report.json" if path.is_dir() else path
    try:
        body = file.read_bytes()
        found = json.loads(body)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not JSON"
        raise ReportError(f"{file}: {reason}; make it with `python -m policies report`") from None
    if not isinstance(found, dict) or "kind" not in found:
        raise ReportError(f"{file}: not a report; make it with `python -m policies report`")
    return found, hashlib.sha256(body).hexdigest()


def difference(
    found: Mapping[str, Any], before: Mapping[str, Any] | None, sha256: str
) -> dict[str, Any] | None:
    """None where there is no earlier report."""
    if before is None:
        return None
    then, now = dict(_statements(before)), dict(_statements(found))
    return {
        "sha256": sha256,
        "commit": (before.get("provenance") or {}).get("commit"),
        "verdict": (before.get("verdict") or {}).get("sentence"),
        "new": [now[key] for key in sorted(now.keys() - then.keys())],
        "gone": [then[key] for key in sorted(then.keys() - now.keys())],
        "changed": [
            f"{now[key]} (was: {then[key]})"
            for key in sorted(now.keys() & then.keys())
            if now[key] != then[key]
        ],
    }


def _statements(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Everything that a reader would want to hear of, by a key that stays the same."""
    for one in report.get("findings") or ():
        told = f"finding in {one['environment']}: {one['rule']} on {one['resource']}"
        yield told, f"{told}: {one['sentence']}"
    for one in (report.get("matrix") or {}).get("broken") or ():
        told = f"broken promise {one['row']}, {one['persona']} in {one['environment']}"
        yield f"{told} {one['action']}", f"{told}: {one['action']}, promised {one['promised']}"
    for one in (report.get("matrix") or {}).get("rows") or ():
        for name, personas in sorted(one["allowed"].items()):
            told = f"row {one['row']} ({one['title']}) in {name}"
            named = ", ".join(f"{persona} {share}" for persona, share in personas.items())
            yield told, f"{told}: {named or 'nobody'}"
    for one in report.get("duties") or ():
        for breach in one["breaches"]:
            yield f"duty {one['id']} {breach}", f"{one['id']} breached: {breach}"
    for one in report.get("exemptions") or ():
        told = f"exemption of {one['resource']} from {one['rule']}"
        yield told, f"{told} until {one['expiry']}, agreed by {one['approver']}"
    for one in report.get("controls") or ():
        yield f"control {one['id']}", f"control {one['id']}: {one['control']}"
    for one in (report.get("guardrails") or {}).get("rules") or ():
        yield f"guardrail {one['id']}", f"guardrail {one['id']} ({one['severity']})"
    for one in report.get("retention") or ():
        told = f"{one['kind']} {one['name']} in {one['environment']}"
        yield f"retention {told}", f"{told} is kept {one['days']} days"
    for one in report.get("models") or ():
        yield f"model {one['version']}", f"model {one['verdict']}"
