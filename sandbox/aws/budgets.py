"""Budgets: the pages, the change and the tags that moto lacks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import BudgetsBackend
from moto.budgets.responses import BudgetsResponse
from moto.core.exceptions import JsonRESTError

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

PAGE, MOST = 100, 1000
KEPT_AS = "modelyard_budget_tags"


def install(sandbox: Sandbox) -> None:
    """Answer UpdateBudget and the operations on tags."""
    create = BudgetsResponse.create_budget

    def create_budget(self: BudgetsResponse) -> str:
        asked = _asked(self)
        answer: str = create(self)
        tags = _of_budget(self.backend, asked["AccountId"], asked["Budget"]["BudgetName"])
        tags.update(_as_map(asked.get("ResourceTags") or []))
        return answer

    BudgetsResponse.create_budget = create_budget
    for operation in (
        describe_budgets,
        update_budget,
        tag_resource,
        untag_resource,
        list_tags_for_resource,
    ):
        setattr(BudgetsResponse, operation.__name__, operation)


def describe_budgets(self: BudgetsResponse) -> str:
    """By name, a hundred a page unless asked for fewer (DescribeBudgets, API reference)."""
    asked = _asked(self)
    size, token = asked.get("MaxResults", PAGE), str(asked.get("NextToken") or "0")
    if not 1 <= size <= MOST:
        raise JsonRESTError(
            "InvalidParameterException", f"MaxResults must be between 1 and {MOST}, not {size}"
        )
    if not token.isdigit():
        raise JsonRESTError("InvalidNextTokenException", "NextToken is not one that was given out")
    held = sorted(self.backend.budgets[asked["AccountId"]].items())
    begin = int(token)
    shown = {"Budgets": [one.to_dict() for _, one in held[begin : begin + size]]}
    following = {"NextToken": str(begin + size)} if begin + size < len(held) else {}
    return json.dumps({**shown, **following})


def update_budget(self: BudgetsResponse) -> str:
    """Everything but the name is replaced; the alerts stay."""
    asked = _asked(self)
    account, new = asked["AccountId"], asked["NewBudget"]
    held = self.backend.budgets[account].get(new["BudgetName"])
    if held is None:
        raise NotFoundException(
            f"Unable to update budget: {new['BudgetName']} - the budget doesn't exist."
        )
    held.budget = {**new, "TimePeriod": held.budget["TimePeriod"]}
    return json.dumps({})


def tag_resource(self: BudgetsResponse) -> str:
    asked = _asked(self)
    _by_arn(self, asked).update(_as_map(asked["ResourceTags"]))
    return json.dumps({})


def untag_resource(self: BudgetsResponse) -> str:
    asked = _asked(self)
    tags = _by_arn(self, asked)
    for key in asked["ResourceTagKeys"]:
        tags.pop(key, None)
    return json.dumps({})


def list_tags_for_resource(self: BudgetsResponse) -> str:
    tags = _by_arn(self, _asked(self))
    return json.dumps({"ResourceTags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)]})


def _asked(response: BudgetsResponse) -> dict[str, Any]:
    asked: dict[str, Any] = json.loads(response.body or "{}")
    return asked


def _as_map(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _by_arn(response: BudgetsResponse, asked: dict[str, Any]) -> dict[str, str]:
    arn = str(asked["ResourceARN"])
    account, name = arn.split(":")[4], arn.rpartition("budget/")[2]
    if name not in response.backend.budgets[account]:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return _of_budget(response.backend, account, name)


def _of_budget(backend: BudgetsBackend, account: str, name: str) -> dict[str, str]:
    held: dict[tuple[str, str], dict[str, str]] = backend.__dict__.setdefault(KEPT_AS, {})
    return held.setdefault((account, name), {})
