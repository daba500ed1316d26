"""A model repo on this machine looked over: what `make setup`, `test`, `try` and `run` stand on.

Nothing is changed and nothing leaves the machine, except one question to AWS who we are, and that
only where there are credentials.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from modelyard.data import DataContract
from modelyard.data_check import check
from modelyard.doctor import Check
from modelyard.doctor_aws import credentials, endpoint
from modelyard.errors import ModelyardError
from modelyard.jobs.context import load_setting
from modelyard.project import Project, load
from modelyard.r import repo as r_repo
from modelyard.tables import read_table

_IMAGE_PYTHON = (3, 11)
_PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.+]+)\s*(?:;.*)?$")
_SOURCE = re.compile(r"^modelyard @ git\+(?P<url>.*)@(?P<commit>[0-9a-f]{40})#", re.MULTILINE)
_CHECKED_BYTES = 50_000_000
_SHOWN = 3


def look_over(file: Path) -> list[Check]:
    """Every check of the repo that holds this project.yaml."""
    repo = file.absolute().parent
    checks = [_python(), *r_repo.look_over(repo), _git(repo), _make(), _packages(repo)]
    checks += [_platform(repo), _docker()]
    try:
        project = load(file)
    except ModelyardError as error:
        checks += [Check("project", "fail", line) for line in str(error).splitlines()]
    else:
        checks.append(Check("project", "ok", f"{file.name} states {project.name}"))
        checks += _contents(project, file)
    return [*checks, _hooks(repo), _ports(), endpoint(), credentials(file)]


def _python() -> Check:
    told = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] == _IMAGE_PYTHON:
        return Check("python", "ok", told)
    wanted = ".".join(map(str, _IMAGE_PYTHON))
    return Check(
        "python",
        "warn",
        f"{told} here, {wanted} in the image: models may differ in their last digits",
        f"make clean setup PYTHON=python{wanted}",
    )


def _git(repo: Path) -> Check:
    if shutil.which("git") is None:
        return Check("git", "fail", "is not installed", "install it, then `git init` here")
    if _run("git", "-C", str(repo), "rev-parse", "--verify", "HEAD") is None:
        return Check(
            "git",
            "fail",
            "this folder has no commit, and a model is traced to one",
            "git init && git add --all && git commit",
        )
    changed = len((_run("git", "-C", str(repo), "status", "--porcelain") or "").splitlines())
    told = f", {changed} files not committed" if changed else ", everything committed"
    return Check("git", "ok", (_run("git", "--version") or "").strip().removeprefix("git ") + told)


def _make() -> Check:
    if shutil.which("make") is None:
        return Check("make", "fail", "is not installed", "install GNU make")
    return Check("make", "ok", (_run("make", "--version") or "").splitlines()[0])


def _packages(repo: Path) -> Check:
    """The image and this environment should compute with the same versions."""
    file = repo / "requirements.txt"
    if not file.is_file():
        return Check("packages", "warn", "there is no requirements.txt to compare with")
    other, missing = [], []
    for name, wanted in _pins(file.read_text(encoding="utf-8")):
        try:
            if version(name) != wanted:
                other.append(f"{name} {version(name)} instead of {wanted}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check(
            "packages",
            "fail",
            f"requirements.txt names {', '.join(missing)}, which .venv does not have",
            "make clean setup; where the platform's own environment lacks it too: "
            "MODELYARD_HOME=none make clean setup",
        )
    if other:
        told = "; ".join(other[:_SHOWN]) + (" and more" if len(other) > _SHOWN else "")
        return Check(
            "packages",
            "warn",
            f"other versions than the image's: {told}",
            "make clean setup, or state in requirements.txt what you want",
        )
    return Check(
        "packages", "ok", f"as requirements.txt pins them, modelyard {version('modelyard')}"
    )


def _pins(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        found = _PIN.match(line)
        if found and ("platform" not in line or _applies(line)):
            yield found[1], found[2]


def _applies(line: str) -> bool:
    """Markers of the template speak of macOS only."""
    mac = sys.platform == "darwin"
    return mac == ("sys_platform == 'darwin'" in line)


def _platform(repo: Path) -> Check:
    named = os.environ.get("MODELYARD_HOME") or _line(repo / ".modelyard-home")
    if named and (Path(named) / ".venv" / "bin" / "python").exists():
        return Check("platform", "ok", f"{named} brings the sandbox of `make try`")
    source = _SOURCE.search(_line(repo / "requirements.txt", whole=True))
    gone = f"{named} is gone or not set up; " if named else ""
    if source is None:
        return Check(
            "platform",
            "fail",
            f"{gone}requirements.txt names no repository to clone it from",
            "write the path of a checkout of the platform into .modelyard-home",
        )
    folder = source["url"].removeprefix("file://localhost").removeprefix("file://")
    if folder.startswith("/") and not Path(folder).exists():
        return Check(
            "platform",
            "fail",
            f"{gone}{folder}, which requirements.txt names, does not exist",
            "write the path of a checkout of the platform into .modelyard-home, then "
            "make clean setup",
        )
    return Check(
        "platform",
        "warn" if named else "ok",
        f"{gone}`make try` clones {source['url']} at {source['commit'][:12]} once",
        "to use a checkout you have: write its path into .modelyard-home" if named else "",
    )


def _docker() -> Check:
    if shutil.which("docker") is None:
        return Check(
            "docker",
            "warn",
            "is not installed; only `make image` needs it",
            "install Docker, or let CI build images",
        )
    if _run("docker", "info", "--format", "{{.ServerVersion}}") is None:
        return Check(
            "docker",
            "warn",
            "its engine does not answer; only `make image` needs it",
            "start Docker, or let CI build images",
        )
    return Check("docker", "ok", "the engine answers")


def _contents(project: Project, file: Path) -> Iterator[Check]:
    """What project.yaml speaks of: the data, their contract and the pipeline."""
    repo = file.absolute().parent
    data = repo / project.dataset.source
    if data.exists():
        yield Check("data", "ok", f"{project.dataset.source}, {_size(data)}")
    else:
        yield Check(
            "data",
            "fail",
            f"{project.dataset.source} is not here (data[0].source in {file.name})",
            "bring the file from where the team keeps it; large ones are not in git",
        )
    yield _told("contract", lambda: _contract(project, file, data))
    yield _told("pipeline", lambda: _pipeline(project, repo))


def _contract(project: Project, file: Path, data: Path) -> Check:
    load_setting(file)
    stated = project.dataset.contract
    contract = DataContract.load(file.absolute().parent / stated)
    if not data.is_file() or data.stat().st_size > _CHECKED_BYTES:
        return Check("contract", "ok", f"{stated} agrees with {file.name}")
    broken = [violation.sentence for violation in check(read_table(data), contract)]
    if broken:
        more = f"; and {len(broken) - _SHOWN} more" if len(broken) > _SHOWN else ""
        return Check(
            "contract",
            "fail",
            f"{project.dataset.source} breaks {stated}: {'; '.join(broken[:_SHOWN])}{more}",
            "correct whichever of the two is wrong",
        )
    return Check("contract", "ok", f"{project.dataset.source} keeps to {stated}")


def _pipeline(project: Project, repo: Path) -> Check:
    from modelyard.definition import render  # takes seconds, which a wrong project need not wait

    file = repo / "pipeline.json"
    if file.is_file() and file.read_text(encoding="utf-8") == render(project):
        return Check("pipeline", "ok", "pipeline.json is what project.yaml describes")
    return Check(
        "pipeline",
        "fail",
        "pipeline.json is not what project.yaml describes",
        "make render, then commit it",
    )


def _told(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except ModelyardError as error:
        return Check(name, "fail", str(error).replace(f"{Path.cwd()}/", ""))


def _hooks(repo: Path) -> Check:
    if not (repo / ".pre-commit-config.yaml").is_file():
        return Check("hooks", "ok", "none are configured")
    folder = _run("git", "-C", str(repo), "rev-parse", "--git-path", "hooks")
    if folder and (repo / folder.strip() / "pre-commit").is_file():
        return Check("hooks", "ok", "run before every commit")
    return Check("hooks", "warn", "nothing looks at a commit before it is made", "make hooks")


def _ports() -> Check:
    """The sandbox, its endpoints and its functions listen on ports the system chooses."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            return Check("ports", "ok", f"loopback can be listened on ({server.getsockname()[1]})")
    except OSError as error:
        return Check(
            "ports",
            "fail",
            f"nothing may listen on 127.0.0.1: {error.strerror}",
            "allow it in the firewall or container; `make try` serves there",
        )


def _size(data: Path) -> str:
    if data.is_dir():
        return "a folder"
    size = data.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"


def _line(file: Path, whole: bool = False) -> str:
    if not file.is_file():
        return ""
    text = file.read_text(encoding="utf-8")
    return text if whole else text.strip()


def _run(*command: str) -> str | None:
    """What a program prints, or nothing where it fails or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
