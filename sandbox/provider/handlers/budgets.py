"""Budgets and whom they warn."""

from __future__ import annotations

from typing import Any

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Values,
    given,
    gone_tags,
    names,
    tag_list,
)
from sandbox.provider.identity import Identity

MOST_NOTIFICATIONS = 10


class Budget(Handler):
    """A budget of the account, for the whole of it or for what its filters select."""

    token = "aws:budgets/budget:Budget"
    known = names(
        "accountId budgetType costFilters limitAmount limitUnit name namePrefix notifications "
        "timePeriodStart timePeriodEnd timeUnit"
    )
    replaced_by = names("name accountId")
    tagged = True
    named_by = "name"
    name_pattern = r"[^:\\]{1,100}"

    def validate(self, inputs: Facts) -> None:
        notifications = inputs.get("notifications") or []
        if len(notifications) > MOST_NOTIFICATIONS:
            raise RefusedError(
                f"CreationLimitExceededException: {len(notifications)} notifications; "
                f"AWS allows {MOST_NOTIFICATIONS}"
            )
        for one in notifications:
            if not _subscribers(one):
                raise RefusedError("InvalidParameterException: a notification has no subscriber")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return f"{inputs.get('accountId') or identity.account}:{inputs['name']}"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        account = inputs.get("accountId") or identity.account
        return {
            "accountId": account,
            "arn": f"arn:{identity.partition}:budgets::{account}:budget/{inputs['name']}",
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("budgets").create_budget(
            AccountId=_account(aws, inputs),
            Budget=_budget(inputs),
            NotificationsWithSubscribers=[_notification(one) for one in _notifications(inputs)],
            ResourceTags=tag_list(inputs),
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        budgets, account, name = aws.client("budgets"), _account(aws, inputs), inputs["name"]
        budgets.update_budget(AccountId=account, NewBudget=_budget(inputs))
        named = {"AccountId": account, "BudgetName": name}
        before = [_notification(one) for one in _notifications(old)]
        after = [_notification(one) for one in _notifications(inputs)]
        for one in before:
            if one not in after:
                budgets.delete_notification(**named, Notification=one["Notification"])
        for one in after:
            if one not in before:
                budgets.create_notification(**named, **one)
        if inputs["tagsAll"] != old.get("tagsAll"):
            self._retag(budgets, inputs, old, self.outputs(inputs, facts, aws.identity)["arn"])

    def _retag(self, budgets: Any, inputs: Values, old: Values, arn: str) -> None:
        if gone := gone_tags(inputs, old):
            budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=gone)
        budgets.tag_resource(ResourceARN=arn, ResourceTags=tag_list(inputs))

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {}, aws.identity)["arn"]
        found = aws.client("budgets").list_tags_for_resource(ResourceARN=arn)["ResourceTags"]
        return {}, {tag["Key"]: tag["Value"] for tag in found}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("budgets").delete_budget(
            AccountId=_account(aws, inputs), BudgetName=inputs["name"]
        )


def _account(aws: Aws, inputs: Values) -> str:
    return str(inputs.get("accountId") or aws.identity.account)


def _budget(inputs: Values) -> dict[str, Any]:
    request = {
        **given(inputs, BudgetName="name", BudgetType="budgetType", TimeUnit="timeUnit"),
        "BudgetLimit": {"Amount": str(inputs["limitAmount"]), "Unit": inputs["limitUnit"]},
    }
    if inputs.get("costFilters"):
        request["CostFilters"] = {one["name"]: one["values"] for one in inputs["costFilters"]}
    return request


def _notifications(inputs: Values) -> list[Values]:
    return list(inputs.get("notifications") or ())


def _notification(one: Values) -> dict[str, Any]:
    return {
        "Notification": given(
            one,
            NotificationType="notificationType",
            ComparisonOperator="comparisonOperator",
            Threshold="threshold",
            ThresholdType="thresholdType",
        ),
        "Subscribers": _subscribers(one),
    }


def _subscribers(one: Values) -> list[dict[str, str]]:
    mails = one.get("subscriberEmailAddresses") or ()
    topics = one.get("subscriberSnsTopicArns") or ()
    return [
        *({"SubscriptionType": "EMAIL", "Address": address} for address in sorted(mails)),
        *({"SubscriptionType": "SNS", "Address": arn} for arn in sorted(topics)),
    ]


HANDLERS = (Budget(),)
