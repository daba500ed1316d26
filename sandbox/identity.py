"""The sandbox's identity provider: signs people in by SAML, as a company's directory would."""

from __future__ import annotations

import argparse
import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from policies.documents import ADMINISTRATION
from sandbox.errors import SandboxError

ISSUER = "urn:modelyard:sandbox"  # the entityID of identity_provider.xml
AUDIENCE = "https://signin.aws.amazon.com/saml"
PROVIDER = "modelyard"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
CONFIG = Config(
    signature_version=UNSIGNED, retries={"total_max_attempts": 2}, connect_timeout=5, proxies={}
)


class LoginError(SandboxError):
    """A sign-in that was refused."""


@dataclass(frozen=True)
class Entrance:
    """What the directory tells AWS for one of its applications, and at which address."""

    audience: str
    tags: Mapping[str, str] = field(default_factory=dict)


EVERYDAY = Entrance(AUDIENCE)
# Only after a second factor, and in the region that hears of it.
EMERGENCY = Entrance("https://{region}.signin.aws.amazon.com/saml", {"mfa": "true"})


def register(subparsers: Any) -> None:
    """Add the command to the sandbox's command line."""
    parser = subparsers.add_parser("login", help="print credentials of a person, to be sourced")
    parser.add_argument("--project", type=Path, default=Path("project.yaml"))
    parser.add_argument("--env", required=True, choices=("dev", "staging", "prod"))
    parser.add_argument("--persona", required=True, help="for instance data-scientist")
    parser.add_argument("--user", required=True, help="the person's key, for instance alice")
    parser.set_defaults(func=print_credentials)


def print_credentials(arguments: argparse.Namespace) -> int:
    """`eval $(python -m sandbox login ...)` makes a shell act as the person."""
    from modelyard.errors import ProjectError
    from modelyard.project import load

    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        raise LoginError(
            "AWS_ENDPOINT_URL is not set: start `python -m sandbox serve --port 5000` "
            "and export AWS_ENDPOINT_URL=http://127.0.0.1:5000"
        )
    try:
        project = load(arguments.project)
    except ProjectError as error:
        raise LoginError(str(error)) from None
    place = project.environments.get(arguments.env)
    if place is None:
        raise LoginError(f"{arguments.project}: environments.{arguments.env} is missing; add it")
    persona: str = arguments.persona
    role = f"{project.name}-{arguments.env}-{persona}"
    if persona in ADMINISTRATION:
        role = f"modelyard-{persona}"
    entrance = EMERGENCY if persona == "break-glass" else EVERYDAY
    session = login(endpoint, place.account, role, arguments.user, place.region, entrance)
    credentials: Any = session.get_credentials()
    print(f"export AWS_ACCESS_KEY_ID={credentials.access_key}")
    print(f"export AWS_SECRET_ACCESS_KEY={credentials.secret_key}")
    print(f"export AWS_SESSION_TOKEN={credentials.token}")
    print(f"export AWS_DEFAULT_REGION={place.region}")
    print(f"export AWS_ENDPOINT_URL={endpoint}")
    return 0


def login(
    endpoint_url: str,
    account: str,
    role_name: str,
    user: str,
    region: str,
    entrance: Entrance = EVERYDAY,
) -> boto3.Session:
    """A session of the role, begun by the person through the SAML provider.

    Raises:
        LoginError: the role does not exist, or does not trust the provider for this person.
    """
    person = user.strip().lower()
    role_arn = f"arn:aws:iam::{account}:role/{role_name}"
    provider_arn = f"arn:aws:iam::{account}:saml-provider/{PROVIDER}"
    sts = boto3.client("sts", region_name=region, endpoint_url=endpoint_url, config=CONFIG)
    there = Entrance(entrance.audience.format(region=region), entrance.tags)
    try:
        answer = sts.assume_role_with_saml(
            RoleArn=role_arn,
            PrincipalArn=provider_arn,
            SAMLAssertion=assertion(role_arn, provider_arn, person, entrance=there),
        )
    except ClientError as error:
        raise LoginError(
            f"{person} cannot sign in as {role_name} in account {account}: "
            f"{error.response['Error']['Message']}. Is the workspace applied, and is the persona "
            "one of that environment's?"
        ) from None
    except BotoCoreError as error:
        raise LoginError(f"no sandbox answers at {endpoint_url}: {error}") from None
    credentials = answer["Credentials"]
    return boto3.Session(
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        region_name=region,
    )


def assertion(
    role_arn: str,
    provider_arn: str,
    person: str,
    seconds: int = 3600,
    entrance: Entrance = EVERYDAY,
) -> str:
    """The SAML response the identity provider posts to AWS, in base64."""
    now = datetime.now(UTC)
    attributes = {
        "Role": f"{role_arn},{provider_arn}",
        "RoleSessionName": person,
        "SourceIdentity": person,
        "PrincipalTag:user": person,
        "SessionDuration": str(seconds),
        **{f"PrincipalTag:{key}": value for key, value in entrance.tags.items()},
    }
    stated = "".join(
        f'<saml:Attribute Name="{ATTRIBUTES}{name}">'
        f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue></saml:Attribute>"
        for name, value in attributes.items()
    )
    document = RESPONSE.format(
        now=_stamp(now),
        until=_stamp(now + timedelta(minutes=5)),
        issuer=ISSUER,
        audience=entrance.audience,
        person=escape(person),
        attributes=stated,
    )
    return base64.b64encode(document.encode()).decode()


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


RESPONSE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" \
xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_response" Version="2.0" \
IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer>\
<saml:Assertion ID="_assertion" Version="2.0" IssueInstant="{now}">\
<saml:Issuer>{issuer}</saml:Issuer>\
<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">\
{person}</saml:NameID></saml:Subject>\
<saml:Conditions NotBefore="{now}" NotOnOrAfter="{until}"><saml:AudienceRestriction>\
<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
<saml:AttributeStatement>{attributes}</saml:AttributeStatement>\
</saml:Assertion></samlp:Response>"""
