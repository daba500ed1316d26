"""What the account may cost in a month, everything in it together."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part

# Per cent of the limit; the last is what AWS forecasts for the month.
ACTUAL = (50, 80, 100)
FORECAST = 100


@dataclass(frozen=True)
class AccountBudgetArgs:
    """The account, US dollars a month, and the mail addresses that hear of it."""

    account: str
    monthly_usd: str
    addresses: tuple[str, ...]


class AccountBudget(Part):
    """One budget without filters: it also counts what carries no tag of a project."""

    def __init__(self, name: str, args: AccountBudgetArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:account:AccountBudget", name, opts)
        aws.budgets.Budget(
            self.child("budget"),
            account_id=args.account,
            name="modelyard-account",
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=args.monthly_usd,
            limit_unit="USD",
            notifications=[
                *(notice("ACTUAL", per_cent, args.addresses) for per_cent in ACTUAL),
                notice("FORECASTED", FORECAST, args.addresses),
            ],
            opts=self.inside,
        )
        self.register_outputs({})


def notice(
    kind: str, per_cent: int, addresses: tuple[str, ...]
) -> aws.budgets.BudgetNotificationArgs:
    """A mail when actual or forecast costs pass a share of the limit."""
    return aws.budgets.BudgetNotificationArgs(
        notification_type=kind,
        comparison_operator="GREATER_THAN",
        threshold=per_cent,
        threshold_type="PERCENTAGE",
        subscriber_email_addresses=list(addresses),
    )
