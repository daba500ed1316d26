"""STS: roles are assumed only by those their trust policy names, and sessions remember how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.sts.responses import TokenResponse

from sandbox.api_call import current_call
from sandbox.assertions import Claims, ClaimsError, read_saml, read_web_identity
from sandbox.sessions import RoleSession
from sandbox.trust import TrustError, role_by_arn, trusts

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

SHORTEST_SESSION = 900


class StsError(ServiceException):
    """STS's refusal, with its code."""


def install(sandbox: Sandbox) -> None:
    """Replace moto's role assumption, which asks nobody, and its caller identity."""

    def assume_role(self: TokenResponse) -> ActionResult:
        """The caller's right was judged at the front door, against the trust policy too."""
        role, account = _role(self._get_param("RoleArn"))
        call = current_call()
        principal = call.principal if call else None
        if principal and principal.kind == "Root":
            given = {"sts:ExternalId": self._get_param("ExternalId")}
            context = {key: value for key, value in given.items() if value}
            _trusted(role, account, "sts:AssumeRole", principal.arn, context)
        tags = {tag["Key"]: tag["Value"] for tag in self._get_param("Tags") or []}
        session = sandbox.sessions.begin(
            role,
            self._get_param("RoleSessionName"),
            account=account,
            seconds=_seconds(role, self._get_int_param("DurationSeconds")),
            tags=tags,
            source_identity=self._get_param("SourceIdentity") or _inherited(principal),
            policies=_policies(self),
        )
        return ActionResult(_result(session))

    def assume_role_with_saml(self: TokenResponse) -> ActionResult:
        provider = self._get_param("PrincipalArn")
        role, account = _role(self._get_param("RoleArn"))
        claims = _claims(read_saml, self._get_param("SAMLAssertion"), role.arn, provider)
        asked = self._get_int_param("DurationSeconds") or claims.seconds
        _issued_by(claims.issuer, provider, account)
        session = _federated(sandbox, role, account, "WithSAML", claims, provider, asked)
        further = {
            "Subject": claims.subject,
            "SubjectType": "persistent",
            "Issuer": claims.issuer,
            "Audience": claims.context["SAML:aud"],
            "NameQualifier": "modelyard",
            "SourceIdentity": claims.source_identity,
        }
        return ActionResult({**_result(session), **further})

    def assume_role_with_web_identity(self: TokenResponse) -> ActionResult:
        role, account = _role(self._get_param("RoleArn"))
        name = self._get_param("RoleSessionName")
        claims = _claims(read_web_identity, self._get_param("WebIdentityToken"), name, account)
        asked = self._get_int_param("DurationSeconds")
        provider = f"arn:aws:iam::{account}:oidc-provider/{claims.issuer}"
        session = _federated(sandbox, role, account, "WithWebIdentity", claims, provider, asked)
        return ActionResult(
            {
                **_result(session),
                "SubjectFromWebIdentityToken": claims.subject,
                "Provider": provider,
                "Audience": claims.audience,
            }
        )

    def get_caller_identity(self: TokenResponse) -> ActionResult:
        call = current_call()
        assert call is not None
        who = call.principal
        return ActionResult({"UserId": who.id, "Account": who.account, "Arn": who.identity_arn})

    TokenResponse.assume_role = assume_role
    TokenResponse.assume_role_with_saml = assume_role_with_saml
    TokenResponse.assume_role_with_web_identity = assume_role_with_web_identity
    TokenResponse.get_caller_identity = get_caller_identity


def _federated(
    sandbox: Sandbox,
    role: Any,
    account: str,
    how: str,
    claims: Claims,
    provider: str,
    seconds: int | None,
) -> RoleSession:
    action = f"sts:AssumeRole{how}"
    context = {**claims.context, "aws:FederatedProvider": provider}
    _provider_exists(provider, account)
    _trusted(role, account, action, provider, context)
    if claims.tags:
        _trusted(role, account, "sts:TagSession", provider, context)
    if claims.source_identity:
        _trusted(role, account, "sts:SetSourceIdentity", provider, context)
    return sandbox.sessions.begin(
        role,
        claims.session_name,
        account=account,
        seconds=_seconds(role, seconds),
        tags=claims.tags,
        source_identity=claims.source_identity,
        federated=provider,
    )


def _trusted(
    role: Any,
    account: str,
    action: str,
    principal_arn: str,
    context: Mapping[str, Any],
) -> None:
    try:
        decision = trusts(role, account, action, principal_arn, context)
    except TrustError as error:
        raise StsError("AccessDenied", str(error)) from None
    if not decision.allowed:
        raise StsError("AccessDenied", f"Not authorized to perform {action}")


def _provider_exists(provider: str, account: str) -> None:
    backend = iam_backends[account]["aws"]
    known = {found.arn for found in backend.list_saml_providers()}
    known |= set(backend.open_id_providers)
    if provider not in known:
        raise StsError("InvalidIdentityToken", f"No provider found for {provider} in your account")


def _issued_by(issuer: str, provider: str, account: str) -> None:
    """The assertion must come from the provider whose metadata the account registered."""
    _provider_exists(provider, account)
    for known in iam_backends[account]["aws"].list_saml_providers():
        if known.arn == provider and f'entityID="{issuer}"' not in known.saml_metadata_document:
            raise StsError("InvalidIdentityToken", "Issuer not present in specified provider")


def _role(arn: Any) -> tuple[Any, str]:
    try:
        return role_by_arn(str(arn))
    except TrustError:
        # AWS does not tell a stranger whether the role exists.
        raise StsError("AccessDenied", f"Not authorized to assume {arn}") from None


def _claims(read: Any, *arguments: Any) -> Claims:
    try:
        claims: Claims = read(*arguments)
    except ClaimsError as error:
        raise StsError("InvalidIdentityToken", str(error)) from None
    return claims


def _seconds(role: Any, asked: int | None) -> int:
    most = int(role.max_session_duration or 3600)
    seconds = asked or 3600
    if not SHORTEST_SESSION <= seconds <= max(most, 3600):
        raise StsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return seconds


def _inherited(principal: Any) -> str | None:
    """A source identity stays with a person through chained roles."""
    session = principal.session if principal else None
    return session.source_identity if session else None


def _policies(response: TokenResponse) -> list[str]:
    given = response._get_param("Policy")
    return [given] if given else []


def _result(session: RoleSession) -> dict[str, Any]:
    result = {
        "Credentials": {
            "AccessKeyId": session.access_key,
            "SecretAccessKey": session.secret_key,
            "SessionToken": session.token,
            "Expiration": session.expires,
        },
        "AssumedRoleUser": {"AssumedRoleId": session.id, "Arn": session.arn},
        "PackedPolicySize": 6,
    }
    if session.source_identity:
        result["SourceIdentity"] = session.source_identity
    return result
