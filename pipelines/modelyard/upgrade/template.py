"""The template's history: which versions there are, and one of them as files."""

from __future__ import annotations

import re
import subprocess
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from modelyard.errors import ModelyardError
from modelyard.fleet.versions import Version, parse
from modelyard.upgrade import changelog
from modelyard.upgrade.git import git, tried

_PACKAGE = "pipelines/pyproject.toml"
# What rendering needs of the platform: the template, the package it uses, and the versions.
_NEEDED = ("pipelines", "project_template", "requirements.txt", "tools")


class TemplateError(ModelyardError):
    """A version of the template cannot be had."""


@dataclass(frozen=True)
class Release:
    """A commit of the platform and the version that it states."""

    commit: str
    version: str

    @property
    def number(self) -> Version:
        """The version as something that compares."""
        number = parse(self.version)
        if number is None:
            raise TemplateError(f"{self.commit[:7]} states no version but '{self.version}'")
        return number


@dataclass(frozen=True)
class Template:
    """A git repository of the platform, and where it comes from.

    Attributes:
        history: a checkout or a bare clone.
        address: what git and pip call it, for everybody.
        checkout: the same history with an environment that models can be tested in, if any.
    """

    history: Path
    address: str
    checkout: Path | None = None

    def release(self, wanted: str) -> Release:
        """The version or commit that somebody names."""
        if parse(wanted) is not None:
            return self._version(wanted)
        found = tried(self.history, "rev-parse", "--verify", "--quiet", f"{wanted}^{{commit}}")
        if found.returncode:
            raise TemplateError(
                f"--to {wanted}: is neither a version nor a commit of {self.address}; "
                f"its newest is {self.newest.version}"
            )
        return self._at(found.stdout.strip())

    @cached_property
    def newest(self) -> Release:
        """What a checkout has checked out; of a clone, the newest version that has a tag."""
        if self.checkout is None:
            tags = git(self.history, "tag", "--list", "v*").splitlines()
            numbered = [(number, tag) for tag in tags if (number := parse(tag[1:])) is not None]
            if numbered:
                return self._at(git(self.history, "rev-parse", f"{max(numbered)[1]}^{{commit}}"))
        return self._at(git(self.history, "rev-parse", "HEAD"))

    def changelog(self, release: Release) -> str:
        """The changelog as a release has it."""
        found = tried(self.history, "show", f"{release.commit}:CHANGELOG.md")
        return "" if found.returncode else found.stdout

    def unpack(self, release: Release, folder: Path) -> Path:
        """The files of a release that rendering needs."""
        folder.mkdir(parents=True)
        command = ["git", "-C", str(self.history), "archive", release.commit, *_NEEDED]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as archive:
            unpacked = subprocess.run(["tar", "-x", "-C", str(folder)], stdin=archive.stdout)
        if archive.returncode or unpacked.returncode:
            raise TemplateError(
                f"commit {release.commit[:7]} of {self.address} cannot be unpacked; "
                "is it a commit of the platform?"
            )
        return folder

    def _at(self, commit: str) -> Release:
        found = tried(self.history, "show", f"{commit}:{_PACKAGE}")
        if found.returncode:
            raise TemplateError(f"commit {commit[:7]} of {self.address} is not the platform's")
        return Release(commit, str(tomllib.loads(found.stdout)["project"]["version"]))

    def _version(self, wanted: str) -> Release:
        """The commit of a version: its tag, or what the changelog says of it."""
        if self.newest.version == wanted:
            return self.newest
        noted = changelog.commits(self.changelog(self.newest)).get(wanted, "")
        for name in (f"v{wanted}", noted):
            found = tried(self.history, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
            if name and not found.returncode:
                return self._at(found.stdout.strip())
        raise TemplateError(
            f"--to {wanted}: {self.address} has no such version; its newest is "
            f"{self.newest.version}"
        )


def slug(address: str) -> str:
    """An address as the name of a folder."""
    return re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-")[-60:]
