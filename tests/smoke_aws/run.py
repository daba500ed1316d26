"""`make smoke-aws`: says what the checks do and cost, asks, runs them and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
WHAT = """This runs on the real account of the AWS profile {profile}, for {project}:
  one pipeline with one ml.t3.medium processing job of a few minutes, about 0.01 USD [U];
  one alarm, its metric and one Firehose stream for some minutes, under 0.01 USD [U];
  objects of a few bytes in the artifacts bucket, and read-only calls, which are free.
The pipeline, the alarm, the stream with its role and the objects are removed afterwards, also when
a check fails.
CloudTrail delivers late: allow half an hour."""


def main() -> int:
    """pytest's exit code; 2 when something is missing or the answer is no."""
    profile = os.environ.get("MODELYARD_SMOKE_PROFILE")
    project = os.environ.get("MODELYARD_SMOKE_PROJECT")
    if not profile or not project:
        sys.stderr.write(
            "smoke-aws: name an administrator's AWS profile and a deployed project: "
            "make smoke-aws PROFILE=name PROJECT=path/project.yaml\n"
        )
        return 2
    if not Path(project).is_file():
        sys.stderr.write(f"smoke-aws: there is no project file {project}; pass PROJECT=PATH\n")
        return 2
    print(WHAT.format(profile=profile, project=project), flush=True)
    if os.environ.get("YES") != "1" and not _agreed():
        sys.stderr.write("smoke-aws: nothing was run; YES=1 skips this question\n")
        return 2
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-rs", "tests/smoke_aws"]
    environment = {**os.environ, "MODELYARD_SMOKE_PROJECT": str(Path(project).resolve())}
    return subprocess.run(command, cwd=CHECKOUT, env=environment).returncode


def _agreed() -> bool:
    try:
        return input("Run them? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


if __name__ == "__main__":
    sys.exit(main())
