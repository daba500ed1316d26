"""What an environment may cost in a month, and who hears when it does."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Scope

# Per cent of the limit; the last is what AWS forecasts for the month.
ACTUAL = (50, 80, 100)
FORECAST = 100


@dataclass(frozen=True)
class BudgetArgs:
    """The monthly limit in US dollars, and the topic that is told."""

    scope: Scope
    monthly_usd: float
    alert_topic: pulumi.Output[str]


class Budget(Part):
    """One budget, which counts what carries the project's and the environment's tags.

    The tags count from the day on which they are activated as cost allocation tags, which only the
    organization's management account can do.
    """

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:budget:Budget", name, opts)
        scope = args.scope
        aws.budgets.Budget(
            self.child("budget"),
            account_id=scope.place.account,
            name=scope.prefix,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{args.monthly_usd:.2f}",
            limit_unit="USD",
            cost_filters=[
                aws.budgets.BudgetCostFilterArgs(
                    name="TagKeyValue",
                    values=[f"user:project${scope.project}", f"user:env${scope.environment}"],
                )
            ],
            notifications=[
                *(notice("ACTUAL", per_cent, args.alert_topic) for per_cent in ACTUAL),
                notice("FORECASTED", FORECAST, args.alert_topic),
            ],
            opts=self.inside,
        )
        self.register_outputs({})


def notice(
    kind: str, per_cent: int, topic: pulumi.Output[str]
) -> aws.budgets.BudgetNotificationArgs:
    """Word when actual or forecast costs pass a share of the limit."""
    return aws.budgets.BudgetNotificationArgs(
        notification_type=kind,
        comparison_operator="GREATER_THAN",
        threshold=per_cent,
        threshold_type="PERCENTAGE",
        subscriber_sns_topic_arns=[topic],
    )
