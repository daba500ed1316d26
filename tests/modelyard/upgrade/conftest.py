"""A platform of few files with a history, and a team's repo that was generated from it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from modelyard.provenance import Provenance
from modelyard.upgrade.rendering import rendered, requirement
from modelyard.upgrade.template import Template
from tests.modelyard.conftest import TEXT

MAKEFILE = """\
render:
\t@echo rendered > pipeline.json
lint:
\t@echo linted
test:
\t@echo tested; ! grep -s fail src/model.py
"""
FIRST = {
    "Makefile": MAKEFILE,
    "README.md": "# {{ cookiecutter.project_name }}\n\nFirst lines.\n\nMiddle.\n\nLast lines.\n",
    "requirements.txt": "{{ cookiecutter.__requirement }}\npandas==3.0.0\n",
    "pipeline.json": "{}\n",
    "project.yaml": TEXT,
    ".gitignore": "/build/\n",
    "src/model.py": "ESTIMATOR = 1\n",
    "tests/test_model.py": "def test_model(): ...\n",
}
EXTENSION = """\
# MODELYARD_RENDER_ONLY is known here.
from cookiecutter.utils import simple_filter


@simple_filter
def greeting(text):
    return 'Good morning, ' + text
"""


def git(folder: Path, *words: str) -> str:
    """What git prints, by an author of its own."""
    author = ("-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", "-C", str(folder), *author, *words], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Files by path."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def commit_all(folder: Path, message: str) -> str:
    """Commit whatever there is."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return git(folder, "rev-parse", "HEAD")


@dataclass
class Platform:
    """A checkout that releases versions of a template."""

    folder: Path
    files: dict[str, str] = field(default_factory=lambda: dict(FIRST))
    asked: dict[str, object] = field(default_factory=lambda: {"project_name": "Loans"})
    extension: str = EXTENSION
    versions: list[str] = field(default_factory=list)

    def release(self, version: str, files: Mapping[str, str | None] | None = None) -> str:
        """The commit of a version, in which these files of the template are new or gone."""
        for name, text in (files or {}).items():
            if text is None:
                del self.files[name]
            else:
                self.files[name] = text
        if version not in self.versions:
            self.versions.insert(0, version)
        sections = "".join(f"## {one}\n\n- What {one} brings.\n\n" for one in self.versions)
        template = self.folder / "project_template"
        if template.exists():
            git(self.folder, "rm", "-r", "--quiet", "project_template")
        questions = {
            **self.asked,
            "project_slug": "loans",
            "__requirement": "unset",
            "_extensions": ["local_extensions.greeting"],
        }
        write(
            self.folder,
            {
                "pipelines/pyproject.toml": (
                    f'[project]\nname = "modelyard"\nversion = "{version}"\ndependencies = []\n'
                ),
                "requirements.txt": "pandas==3.0.0 \\\n    --hash=sha256:0\n",
                "tools/bootstrap.py": "",
                "CHANGELOG.md": f"# Changelog\n\n{sections}",
                "project_template/cookiecutter.json": json.dumps(questions),
                "project_template/local_extensions.py": self.extension,
            },
        )
        write(template / "{{cookiecutter.project_slug}}", self.files)
        return commit_all(self.folder, f"Release {version}")

    @property
    def template(self) -> Template:
        """As a checkout on this machine."""
        return Template(self.folder, self.folder.as_uri(), self.folder)


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A platform at 0.1.0, which MODELYARD_HOME names."""
    folder = tmp_path / "platform"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch", "main")
    monkeypatch.setenv("MODELYARD_HOME", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    found = Platform(folder)
    found.release("0.1.0")
    return found


Generate = Callable[..., Path]


@pytest.fixture
def generate(platform: Platform, tmp_path: Path) -> Generate:
    """Makes a repo of the newest version, committed, as the template's hook would."""

    def make(folder: Path | None = None) -> Path:
        repo = folder or tmp_path / "loans"
        release = platform.template.newest
        line = requirement(platform.template, release)
        work = tmp_path / f"work of {repo.name}"
        made = rendered(platform.template, release, {}, line, work)
        made.folder.rename(repo)
        Provenance(
            platform.folder.as_uri(), release.commit, release.version, dict(made.answers)
        ).write(repo)
        if folder is None or not (folder.parent / ".git").exists():
            git(repo, "init", "--quiet", "--initial-branch", "main")
        commit_all(repo, "Start from the Modelyard template")
        return repo

    return make


@pytest.fixture
def repo(generate: Generate) -> Path:
    """A team's repo that follows 0.1.0."""
    return generate()
