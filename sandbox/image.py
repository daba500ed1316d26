"""`python -m sandbox image PATH`: plays the part of docker build and push for a model repo.

The repo's files are copied into the sandbox's data folder by their content hash; the manifest in
ECR names that copy and the repo's environment. The same content gives the same digest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from modelyard.errors import ProjectError
from modelyard.project import EnvironmentName, Project, load
from sandbox.errors import SandboxError

LABEL = "modelyard.sandbox."
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
LEFT_OUT = {".venv", ".venv-modelyard", ".git", "build", "__pycache__"}
OTHER_LANGUAGES = ("Rscript",)
SYSTEM_FOLDERS = {"/usr/local/bin", "/usr/bin", "/bin"}
REGISTRY: EnvironmentName = "dev"
# A repo that was adopted keeps its own .venv, and has the platform's beside it.
ENVIRONMENTS = (".venv-modelyard", ".venv")


@dataclass(frozen=True)
class Content:
    """The files of a model repo, by path relative to it, and the hash of them all."""

    repo: Path
    files: tuple[Path, ...]
    sha256: str

    @classmethod
    def of(cls, repo: Path) -> Content:
        """What git would commit, or all files where there is no git."""
        files = tuple(sorted(_files(repo)))
        if not files:
            raise SandboxError(f"{repo}: holds no files to make an image of")
        digest = hashlib.sha256()
        for file in files:
            content = hashlib.sha256((repo / file).read_bytes()).hexdigest()
            digest.update(f"{file.as_posix()}\0{content}\n".encode())
        return cls(repo, files, digest.hexdigest())

    def copy(self, images: Path) -> None:
        """Copy the files to `images`/<sha256>, whole or not at all."""
        place = images / self.sha256
        if place.exists():
            return
        scratch = Path(tempfile.mkdtemp(dir=images))
        for file in self.files:
            (scratch / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.repo / file, scratch / file)
        try:
            scratch.rename(place)
        except OSError:  # another push of the same content was first
            shutil.rmtree(scratch)


def _files(repo: Path) -> list[Path]:
    if not (repo / ".git").exists():
        return [
            file.relative_to(repo)
            for file in repo.rglob("*")
            if file.is_file() and not LEFT_OUT & set(file.relative_to(repo).parts)
        ]
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repo,
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [Path(name) for name in names if (repo / name).is_file()]


def push(repo: Path, project: Project, endpoint_url: str, tag: str | None = None) -> str:
    """Push a model repo as the caller in the environment; returns URI@DIGEST.

    Raises:
        SandboxError: there is no sandbox, no environment in the repo or no repository to push to.
    """
    environment = commands(repo)
    if not environment.is_dir():
        raise SandboxError(f"{repo}: has no .venv; run `make setup` there first")
    content = Content.of(repo)
    content.copy(data_folder(endpoint_url) / "images")
    manifest = json.dumps(_manifest(content, environment), sort_keys=True)
    place = project.environments[REGISTRY]
    ecr = boto3.client("ecr", endpoint_url=endpoint_url, region_name=place.region)
    name = f"{place.account}.dkr.ecr.{place.region}.amazonaws.com/{project.name}"
    # An OCI digest is the hash of the manifest's bytes.
    digest = "sha256:" + hashlib.sha256(manifest.encode()).hexdigest()
    try:
        ecr.put_image(
            repositoryName=project.name,
            imageManifest=manifest,
            imageManifestMediaType=MANIFEST_TYPE,
            imageTag=tag or _tag(content),
        )
    except ecr.exceptions.RepositoryNotFoundException:
        raise SandboxError(
            f"no repository {name}: apply the {REGISTRY} workspace first "
            f"(python -m sandbox apply --project project.yaml --env {REGISTRY})"
        ) from None
    except ecr.exceptions.ImageAlreadyExistsException:
        return f"{name}@{digest}"
    except ClientError as error:
        raise SandboxError(str(error)) from None
    return f"{name}@{digest}"


def commands(repo: Path) -> Path:
    """The commands of a model repo's environment, where it has one."""
    found = (repo / name / "bin" for name in ENVIRONMENTS if (repo / name).is_dir())
    return next(found, repo / ENVIRONMENTS[-1] / "bin")


def data_folder(endpoint_url: str) -> Path:
    """Where the sandbox at that address keeps its files."""
    try:
        with urllib.request.urlopen(f"{endpoint_url}/_modelyard/info", timeout=10) as answer:
            return Path(json.load(answer)["data"])
    except (urllib.error.URLError, OSError, ValueError, KeyError):
        raise SandboxError(
            f"no sandbox answers at {endpoint_url}: start one with `python -m sandbox serve`"
        ) from None


def _manifest(content: Content, environment: Path) -> dict[str, Any]:
    """An OCI manifest whose labels name files relative to the sandbox's data folder."""
    workdir = f"images/{content.sha256}"
    return {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": {"mediaType": CONFIG_TYPE, "digest": f"sha256:{content.sha256}", "size": 0},
        "layers": [],
        "annotations": {
            f"{LABEL}workdir": workdir,
            f"{LABEL}path": ":".join([str(environment.absolute()), *_from_elsewhere()]),
            f"{LABEL}pythonpath": f"{workdir}/src:{workdir}",
        },
    }


def _from_elsewhere() -> list[str]:
    """Where programs are that an image has from Debian and a laptop from wherever it got them."""
    found = (shutil.which(name) for name in OTHER_LANGUAGES)
    folders = {str(Path(program).parent) for program in found if program}
    return sorted(folders - SYSTEM_FOLDERS)


def _tag(content: Content) -> str:
    """The commit when it says all there is, else the content's hash: tags are immutable."""
    commit = _git(content.repo, "rev-parse", "--short=12", "HEAD")
    clean = commit and not _git(content.repo, "status", "--porcelain")
    return commit if clean and commit else f"content-{content.sha256[:12]}"


def _git(repo: Path, *arguments: str) -> str | None:
    done = subprocess.run(["git", *arguments], cwd=repo, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def _image(arguments: argparse.Namespace) -> int:
    endpoint_url = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint_url:
        raise SandboxError("AWS_ENDPOINT_URL is not set: name the sandbox to push to")
    repo = Path(arguments.path).resolve()
    try:
        project = load(arguments.project or repo / "project.yaml")
    except ProjectError as error:
        raise SandboxError(str(error)) from None
    print(push(repo, project, endpoint_url, arguments.tag))
    return 0


def register(subparsers: Any) -> None:
    """Add the `image` command."""
    command = subparsers.add_parser("image", help="push a model repo as an image; prints its URI")
    command.add_argument("path", help="the model repo, set up with `make setup`")
    command.add_argument("--project", help="path of project.yaml (default: in the model repo)")
    command.add_argument("--env", default=REGISTRY, choices=[REGISTRY], help="the registry's")
    command.add_argument("--tag", help="image tag (default: the commit, or the content's hash)")
    command.set_defaults(func=_image)
