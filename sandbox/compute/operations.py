"""How SageMaker operations are put into moto: parsed, checked against the model, answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from moto.core.responses import ActionResult
from moto.sagemaker.exceptions import AWSValidationException, ResourceInUseException
from moto.sagemaker.models import sagemaker_backends
from moto.sagemaker.responses import SageMakerResponse
from moto.sagemaker.utils import arn_formatter

from sandbox.api_call import current_call
from sandbox.compute import shapes
from sandbox.trust import TrustError, role_by_arn, service_may_assume

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

SERVICE = "sagemaker.amazonaws.com"
SESSION_NAME = "SageMaker"


@dataclass(frozen=True)
class Scope:
    """Where a resource lives: one account and region of the sandbox."""

    sandbox: Sandbox
    account: str
    region: str

    @property
    def backend(self) -> Any:
        """moto's SageMaker state of this account and region."""
        return sagemaker_backends[self.account][self.region]

    def arn(self, kind: str, name: str) -> str:
        return str(arn_formatter(kind, name, self.account, self.region))

    def client(self, service_name: str, role_arn: str) -> Any:
        """A client that acts as the role that was passed to SageMaker."""
        return self.sandbox.client(service_name, role_arn, SESSION_NAME, SERVICE, self.region)

    def require_role(self, role_arn: str) -> None:
        """Refuse a role that does not exist or that SageMaker may not assume.

        "Any role that the domain's execution role assumes must have the sts:SetSourceIdentity
        permission in the trust policy", or "your actions fail [...] when you call the job creation
        API" ("Turn on sourceIdentity in CloudTrail logs for SageMaker AI Studio Classic").
        """
        call = current_call()
        session = call.principal.session if call else None
        try:
            role, account = role_by_arn(role_arn)
            named = session.source_identity if session else None
            service_may_assume(role, account, SERVICE, named)
        except TrustError as error:
            raise invalid(
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
                f"principal '{SERVICE}' to assume the role. ({error})"
            ) from None
        if account != self.account:
            raise invalid(f"Cross-account pass role is not allowed: {role_arn}")


@dataclass(frozen=True)
class Request:
    """One call of a SageMaker operation."""

    scope: Scope
    parameters: dict[str, Any]
    caller: str

    def get(self, name: str, default: Any = None) -> Any:
        return self.parameters.get(name, default)


Handler = Callable[[Request], Mapping[str, Any] | None]


def install_operations(sandbox: Sandbox, handlers: Mapping[str, Handler]) -> None:
    """Answer these operations (by API name) with these handlers, in place of moto's."""
    for operation, handler in handlers.items():
        setattr(SageMakerResponse, xform_name(operation), _method(sandbox, operation, handler))


def invalid(message: str) -> Exception:
    """SageMaker's refusal of a request."""
    return AWSValidationException(message)


def in_use(message: str) -> Exception:
    """SageMaker's refusal of a name that exists."""
    return ResourceInUseException(message)


def unsupported(what: str) -> Exception:
    """A loud refusal of something AWS offers and this sandbox does not run."""
    return AWSValidationException(f"{what} is not supported by this sandbox")


def _method(
    sandbox: Sandbox, operation: str, handler: Handler
) -> Callable[[SageMakerResponse], ActionResult]:
    def answer(self: SageMakerResponse) -> ActionResult:
        parameters = json.loads(self.body or "{}")
        wrong = list(shapes.faults(shapes.input_shape(operation), parameters))
        if wrong:
            noun = "error" if len(wrong) == 1 else "errors"
            raise invalid(f"{len(wrong)} validation {noun} detected: {'; '.join(wrong)}")
        scope = Scope(sandbox, self.current_account, self.region)
        call = current_call()
        caller = call.principal.identity_arn if call else f"arn:aws:iam::{scope.account}:root"
        return ActionResult(handler(Request(scope, parameters, caller)) or {})

    return answer
