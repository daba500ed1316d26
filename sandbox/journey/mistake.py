"""A change that every check before production lets pass: serving leaks a file per request."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.journey.commands import clean_environment, run
from sandbox.journey.stages import Journey

CHECKOUT = Path(__file__).resolve().parents[2]
COLLEAGUE = ("-c", "user.name=Colleague", "-c", "user.email=colleague@example.org")
# Staging is verified by fewer requests than this; production's canary gets more.
HANDLES = 400
TRACING = f'''\
"""Keeps a trace of every request."""

import os
import resource

from modelyard import serving

_TRACES = []


class Traced(serving.Server):
    """Opens a trace before it answers, and forgets to close it."""

    async def __call__(self, scope, receive, send):
        _TRACES.append(open(os.devnull, "w"))
        await super().__call__(scope, receive, send)


def main() -> None:
    """Serves with traces; the container may hold {HANDLES} files open."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, ({HANDLES}, hard))
    serving.Server = Traced
    serving.main()
'''


def leaking(journey: Journey, place: Path) -> Journey:
    """The same journey from a colleague's clone, in which serving leaks file handles."""
    clone = place / ".colleague" / journey.repo.name
    git = ["git", *COLLEAGUE]
    environment = clean_environment({"MODELYARD_HOME": str(CHECKOUT)})
    run([*git, "clone", "--quiet", str(journey.repo), str(clone)], place, environment)
    (clone / "src" / journey.project.package / "tracing.py").write_text(TRACING)
    settings = clone / "pyproject.toml"
    serve = f'serve = "{journey.project.package}.tracing:main"'
    settings.write_text(re.sub(r"(?m)^serve = .*$", serve, settings.read_text()))
    run([*git, "add", "."], clone, environment)
    run([*git, "commit", "--quiet", "-m", "Trace every request"], clone, environment)
    run(["make", "setup"], clone, environment)
    return Journey(clone, journey.url, journey.sessions)
