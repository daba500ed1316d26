"""A local process that sees SageMaker's container contract: /opt/ml, environment, workdir."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.compute.failures import RunError
from sandbox.compute.images import Image
from sandbox.compute.operations import SERVICE, SESSION_NAME, Scope
from sandbox.processes import Process, ProcessError

SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
# The directory itself or a path below it, where a path may begin; never inside an S3 URI.
OPT_ML = re.compile(r"(?<![\w./-])/opt/ml(?=$|[/:,;\s\"'])")


@dataclass(frozen=True)
class Container:
    """An image with a directory that stands for the container's own file system."""

    scope: Scope
    image: Image
    root: Path
    role_arn: str
    isolated: bool

    @classmethod
    def create(
        cls, scope: Scope, image: Image, root: Path, role_arn: str, isolated: bool
    ) -> Container:
        """Begin with an empty root, whatever an earlier server left there."""
        shutil.rmtree(root, ignore_errors=True)
        for directory in ("opt/ml/output", "tmp"):
            (root / directory).mkdir(parents=True)
        return cls(scope, image, root, role_arn, isolated)

    @property
    def log(self) -> Path:
        return self.root / "log.txt"

    def path(self, inside: str) -> Path:
        """Where a path of the container lies on this machine."""
        local = (self.root / inside.lstrip("/")).resolve()
        if not local.is_relative_to((self.root / "opt/ml").resolve()):
            raise RunError(f"ClientError: {inside} does not lie below /opt/ml")
        return local

    def directory(self, inside: str) -> Path:
        """A directory of the container, made if needed."""
        local = self.path(inside)
        local.mkdir(parents=True, exist_ok=True)
        return local

    def write_json(self, inside: str, content: Any) -> None:
        """A configuration file, as SageMaker writes it."""
        local = self.path(inside)
        local.parent.mkdir(parents=True, exist_ok=True)
        local.write_text(json.dumps(content))

    def rewrite(self, text: str) -> str:
        """The same text with container paths below /opt/ml made local ones."""
        return OPT_ML.sub(lambda match: f"{self.root}/opt/ml", text)

    def start(self, argv: Sequence[str], variables: Mapping[str, str]) -> Process:
        """Run a program of the image with these variables on top of the container's own."""
        try:
            return self.scope.sandbox.processes.start(
                [self.rewrite(word) for word in argv],
                self._environment(variables),
                self.image.workdir,
                self.log,
            )
        except ProcessError as error:
            raise RunError(f"AlgorithmError: cannot run {argv[0]} of the image: {error}") from error

    def log_tail(self, lines: int = 25) -> str:
        """The last lines the program wrote."""
        if not self.log.exists():
            return ""
        text = self.log.read_bytes()[-16384:].decode("utf-8", "replace")
        return "\n".join(text.splitlines()[-lines:])

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        own = {
            "PATH": ":".join((*self.image.path, *SYSTEM_PATH)),
            "HOME": str(self.root),
            "TMPDIR": str(self.root / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "AWS_REGION": self.scope.region,
            "AWS_DEFAULT_REGION": self.scope.region,
        }
        if self.image.python_path:
            own["PYTHONPATH"] = ":".join(self.image.python_path)
        if not self.isolated:
            own |= self._access()
        return own | {name: self.rewrite(value) for name, value in variables.items()}

    def _access(self) -> dict[str, str]:
        """What the container gets from SageMaker's credential endpoint unless it is isolated."""
        scope = self.scope
        session = scope.sandbox.session(self.role_arn, SESSION_NAME, SERVICE, scope.region)
        held: Any = session.get_credentials()
        return {
            "AWS_ENDPOINT_URL": scope.sandbox.endpoint_url,
            "AWS_ACCESS_KEY_ID": held.access_key,
            "AWS_SECRET_ACCESS_KEY": held.secret_key,
            "AWS_SESSION_TOKEN": held.token,
        }
