"""Model cards: what moto takes and AWS refuses, whose hand it was, and status without a version."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema
from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import (
    AWSValidationException,
    ConflictException,
    ResourceNotFound,
)
from moto.sagemaker.responses import SageMakerResponse

from modelyard.card.validation import LONGEST, schema
from sandbox.aws.model_packages import created_by

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

STATUSES = ("Draft", "PendingReview", "Approved", "Archived")
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def install(_sandbox: Sandbox) -> None:
    """Complete moto's model cards."""
    create = SageMakerResponse.create_model_card

    def create_model_card(self: SageMakerResponse) -> ActionResult:
        given = json.loads(self.body)
        if not NAME.fullmatch(given.get("ModelCardName") or ""):
            raise AWSValidationException(f"ModelCardName must match {NAME.pattern}")
        _check_content(given.get("Content"))
        _check_status(given.get("ModelCardStatus"))
        result = create(self)
        card = newest(self, given["ModelCardName"])
        card.created_by = card.last_modified_by = created_by()
        return result

    def update_model_card(self: SageMakerResponse) -> ActionResult:
        given = json.loads(self.body)
        card = newest(self, given.get("ModelCardName") or "")
        content, status = given.get("Content"), given.get("ModelCardStatus")
        if (content is None) == (status is None):
            raise AWSValidationException(
                "You cannot update both model card content and model card status in a single call"
                if content is not None
                else "Either model card content or model card status has to be given"
            )
        if status is not None:
            # "Any edits other than an approval status update result in additional versions."
            _check_status(status)
            card.model_card_status = status
            card.last_modified_time, card.last_modified_by = utcnow(), created_by()
            return ActionResult({"ModelCardArn": card.arn})
        _check_content(content)
        if card.model_card_status == "Archived":
            raise ConflictException(f"Model card {card.model_card_name} is archived")
        self.sagemaker_backend.update_model_card(
            card.model_card_name, content, card.model_card_status
        )
        changed = newest(self, card.model_card_name)
        changed.created_by, changed.last_modified_by = card.created_by, created_by()
        return ActionResult({"ModelCardArn": changed.arn})

    def describe_model_card(self: SageMakerResponse) -> ActionResult:
        given = json.loads(self.body)
        latest = newest(self, given.get("ModelCardName") or "")
        wanted = given.get("ModelCardVersion") or latest.model_card_version
        versions = self.sagemaker_backend.model_cards[latest.model_card_name]
        card = next((one for one in versions if one.model_card_version == wanted), None)
        if card is None:
            raise _absent(f"{latest.model_card_name}, version {wanted}")
        return ActionResult(
            card.describe()
            | {
                "CreatedBy": card.created_by,
                "LastModifiedBy": card.last_modified_by,
                "LastModifiedTime": card.last_modified_time,
            }
        )

    for operation in (create_model_card, update_model_card, describe_model_card):
        setattr(SageMakerResponse, operation.__name__, operation)


def newest(response: SageMakerResponse, name: str) -> Any:
    """The newest version of a card, by name or ARN."""
    short = name.rsplit("/", 1)[-1]
    versions = response.sagemaker_backend.model_cards.get(short)
    if not versions:
        raise _absent(short)
    return versions[-1]


def _absent(name: str) -> Exception:
    return ResourceNotFound(message=f"Model card {name} does not exist")


def _check_content(content: str | None) -> None:
    if content is None or len(content) > LONGEST or "\n" in content:
        raise AWSValidationException(f"Content must be one line of at most {LONGEST} characters")
    try:
        card = json.loads(content)
    except ValueError:
        raise AWSValidationException("Content is not JSON") from None
    for error in jsonschema.Draft7Validator(schema()).iter_errors(card):
        raise AWSValidationException(f"Content breaks the model card schema: {error.message[:200]}")


def _check_status(status: str | None) -> None:
    if status not in STATUSES:
        raise AWSValidationException(f"ModelCardStatus must be one of {', '.join(STATUSES)}")
