"""Where a command acts: clients in a project's environment, and AWS's refusals in one line."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from modelyard import workspace
from modelyard.project import EnvironmentName, Project
from modelyard.workspace import Workspace


@dataclass(frozen=True)
class Place:
    """One environment of a project, reached with the caller's own credentials."""

    project: Project
    environment: EnvironmentName
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, settings: Any = None) -> Any:
        """A client in the environment's region; one with settings of its own is made anew."""
        region = self.project.environments[self.environment].region
        if settings is not None:
            return self._session(region).client(service, config=settings)
        return self._client(service, region)

    def registry_client(self, service: str) -> Any:
        """A client in the region of the model registry, which dev holds."""
        return self._client(service, self.project.environments["dev"].region)

    def at(self, environment: EnvironmentName) -> "Place":
        """Another environment of the project, with the same credentials."""
        return Place(self.project, environment, self._clients)

    def workspace(self) -> Workspace:
        """The environment's infrastructure contract."""
        return workspace.read(self.client("ssm"), self.project, self.environment)

    def _client(self, service: str, region: str) -> Any:
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = self._session(region).client(service)
        return self._clients[key]

    def _session(self, region: str) -> Any:
        import boto3

        return boto3.Session(region_name=region)


def caller(place: Place) -> str:
    """Who we are, by the name of the role session."""
    return str(place.client("sts").get_caller_identity()["Arn"]).rsplit("/", 1)[-1]


def polls(client: Any) -> Iterator[None]:
    """Paces a poll: at once, then ever less often; a local endpoint may be asked twice a second."""
    host = urlsplit(client.meta.endpoint_url).hostname
    longest = 0.5 if host in ("localhost", "127.0.0.1", "::1") else 5.0
    pause = 0.1
    while True:
        yield
        time.sleep(pause)
        pause = min(pause * 1.5, longest)


def explain(error: Exception) -> str:
    """What an AWS SDK error means to the person at the keyboard."""
    from botocore import exceptions as aws

    if isinstance(error, aws.ClientError):
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        if code.startswith("AccessDenied") or code in ("403", "UnauthorizedOperation"):
            return f"AWS denies {error.operation_name}: {message}"
        if code in ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId"):
            return f"these credentials are not valid any more ({code}): sign in again"
        return f"{error.operation_name} failed, {code}: {message}"
    if isinstance(error, aws.NoCredentialsError | aws.PartialCredentialsError):
        return "no AWS credentials: sign in, or set AWS_PROFILE"
    if isinstance(error, aws.EndpointConnectionError | aws.ConnectionClosedError):
        return f"no answer from {getattr(error, 'kwargs', {}).get('endpoint_url', 'AWS')}"
    return str(error)


def code_of(error: Any) -> str:
    """The error code of a botocore ClientError."""
    return str(error.response["Error"]["Code"])
