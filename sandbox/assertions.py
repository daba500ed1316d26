"""What identity providers claim about a caller: SAML assertions and OIDC tokens, read for STS."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
AUDIENCE = "https://signin.aws.amazon.com/saml"
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")


class ClaimsError(Exception):
    """An assertion or token that cannot be used, and why."""


@dataclass(frozen=True)
class Claims:
    """Who a provider says the caller is, and the condition keys that follow."""

    subject: str
    issuer: str
    audience: str
    session_name: str
    context: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    source_identity: str | None = None
    seconds: int | None = None


def read_saml(encoded: str, role_arn: str, provider_arn: str) -> Claims:
    """A base64 SAML response that names the role and the provider.

    Signatures are not checked: whoever can reach the loopback port is its user.
    """
    try:
        document = base64.b64decode(encoded, validate=False)
        if b"<!DOCTYPE" in document:
            raise ClaimsError("The SAML assertion must not declare a document type")
        root = ElementTree.fromstring(document)
    except (binascii.Error, ElementTree.ParseError) as error:
        raise ClaimsError(f"The SAML assertion is not valid: {error}") from None
    attributes = {
        str(found.get("Name")): [value.text or "" for value in found.iter(f"{SAML}AttributeValue")]
        for found in root.iter(f"{SAML}Attribute")
    }
    _names_role(attributes.get(f"{ATTRIBUTES}Role", []), role_arn, provider_arn)
    audience = next((found.text or "" for found in root.iter(f"{SAML}Audience")), "")
    subject = next((found.text or "" for found in root.iter(f"{SAML}NameID")), "")
    name = _one(attributes, "RoleSessionName")
    if not SESSION_NAME.fullmatch(name):
        raise ClaimsError("RoleSessionName is required in the SAML assertion")
    for found in root.iter(f"{SAML}Conditions"):
        until = found.get("NotOnOrAfter")
        if until and datetime.fromisoformat(until) < datetime.now(UTC):
            raise ClaimsError("The SAML assertion has expired")
    tags = {
        key.removeprefix(f"{ATTRIBUTES}PrincipalTag:"): values[0]
        for key, values in attributes.items()
        if key.startswith(f"{ATTRIBUTES}PrincipalTag:") and values
    }
    source = _one(attributes, "SourceIdentity") or None
    seconds = _one(attributes, "SessionDuration")
    issuer = next((found.text or "" for found in root.iter(f"{SAML}Issuer")), "")
    context: dict[str, Any] = {
        "SAML:aud": audience,
        "SAML:iss": issuer,
        "SAML:sub": subject,
        "SAML:sub_type": "persistent",
        **_session_keys(name, source, tags),
    }
    return Claims(
        subject, issuer, audience, name, context, tags, source, int(seconds) if seconds else None
    )


def read_web_identity(token: str, session_name: str, account: str) -> Claims:
    """The claims of a JSON web token, whose signature is not checked either."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        issuer = str(claims["iss"]).removeprefix("https://")
        subject, audience = str(claims["sub"]), claims.get("aud", "")
    except (IndexError, KeyError, ValueError, TypeError) as error:
        raise ClaimsError(f"The ID token provided is not a valid JWT: {error}") from None
    if claims.get("exp") and float(claims["exp"]) < datetime.now(UTC).timestamp():
        raise ClaimsError("Token must be issued within 24 hours and not be expired")
    keys = {f"{issuer}:{name}": value for name, value in claims.items() if _plain(value)}
    return Claims(
        subject,
        issuer,
        audience if isinstance(audience, str) else ",".join(audience),
        session_name,
        {**keys, **_session_keys(session_name, None, {})},
    )


def _session_keys(name: str, source: str | None, tags: Mapping[str, str]) -> dict[str, Any]:
    keys: dict[str, Any] = {"sts:RoleSessionName": name}
    if source:
        keys["sts:SourceIdentity"] = source
    if tags:
        keys["aws:TagKeys"] = sorted(tags)
        keys.update({f"aws:RequestTag/{key}": value for key, value in tags.items()})
    return keys


def _names_role(pairs: list[str], role_arn: str, provider_arn: str) -> None:
    wanted = {role_arn, provider_arn}
    if not any({part.strip() for part in pair.split(",")} == wanted for pair in pairs):
        raise ClaimsError(f"The SAML assertion does not offer {role_arn} by {provider_arn}")


def _one(attributes: Mapping[str, list[str]], name: str) -> str:
    values = attributes.get(ATTRIBUTES + name) or [""]
    return values[0]


def _plain(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    )
