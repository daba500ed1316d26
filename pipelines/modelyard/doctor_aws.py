"""Whether AWS can be reached with what this machine has: profile, credentials, endpoint."""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProfileNotFound,
    ReadTimeoutError,
)

from modelyard.aws import code_of
from modelyard.doctor import Check
from modelyard.errors import ModelyardError
from modelyard.project import load

_PATIENCE_S = 5
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId")


def endpoint() -> Check:
    """Where AWS's address was changed to, a sandbox as a rule, somebody should answer."""
    url = os.environ.get("AWS_ENDPOINT_URL", "")
    if not url:
        return Check("endpoint", "ok", "AWS itself: AWS_ENDPOINT_URL is not set")
    place = urlsplit(url)
    try:
        port = place.port or {"http": 80}.get(place.scheme, 443)
        socket.create_connection((place.hostname or "", port), _PATIENCE_S).close()
    except (OSError, ValueError):
        return Check(
            "endpoint",
            "fail",
            f"AWS_ENDPOINT_URL is {url}, and nobody answers there",
            "start that sandbox again, or unset AWS_ENDPOINT_URL",
        )
    return Check("endpoint", "ok", f"{url} answers (AWS_ENDPOINT_URL)")


def credentials(file: Path) -> Check:
    """Who we are to AWS; nobody is no mistake, because sandboxes bring their own people."""
    import boto3
    from botocore.config import Config

    profile = os.environ.get("AWS_PROFILE", "")
    again = f"aws sso login{f' --profile {profile}' if profile else ''}"
    try:
        session = boto3.Session()
        if session.get_credentials() is None:
            return Check(
                "credentials",
                "ok",
                "none, and none are needed before `make run`",
            )
        settings = Config(
            retries={"total_max_attempts": 1},
            connect_timeout=_PATIENCE_S,
            read_timeout=_PATIENCE_S,
        )
        region = session.region_name or "us-east-1"
        identity = session.client("sts", region_name=region, config=settings).get_caller_identity()
    except ProfileNotFound:
        return Check(
            "credentials",
            "fail",
            f"AWS_PROFILE is {profile}, which no AWS configuration here has",
            f"aws configure sso --profile {profile}, or unset AWS_PROFILE",
        )
    except (EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError):
        return Check("credentials", "warn", "there are some, but AWS cannot be reached to try them")
    except ClientError as error:
        expired = code_of(error) in _EXPIRED
        told = "have expired or are not valid" if expired else f"are refused ({code_of(error)})"
        return Check("credentials", "fail", f"your credentials {told}", f"sign in again: {again}")
    except BotoCoreError as error:
        return Check("credentials", "fail", str(error).rstrip("."), f"sign in again: {again}")
    return _placed(identity["Account"], identity["Arn"], file)


def _placed(account: str, arn: str, file: Path) -> Check:
    """Whether that account is one of the project's."""
    who = arn.rsplit(":", 1)[-1]
    try:
        known = {place.account for place in load(file).environments.values()}
    except ModelyardError:
        known = {account}
    if account in known:
        return Check("credentials", "ok", f"{who} in account {account}")
    return Check(
        "credentials",
        "warn",
        f"{who} in account {account}, where this project has no environment",
        f"set AWS_PROFILE, or correct environments in {file.name}",
    )
