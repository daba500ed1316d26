"""The account program's configuration as one frozen object."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from infra.base import Place
from infra.configuration import (
    ACCOUNT,
    ORGANIZATION,
    PATH,
    REGION,
    TAG,
    Assumed,
    Form,
    SettingsError,
    Values,
)

KEYS = (
    "account",
    "region",
    "regions",
    "assumeRole",
    "externalId",
    "samlMetadataFile",
    "samlProvider",
    "githubOrganization",
    "githubProvider",
    "gitlabUrl",
    "gitlabProvider",
    "defaults",
    "monthlyBudget",
    "budgetAlerts",
    "owner",
    "costCenter",
)
DEFAULT_OWNER = "platform"
SAML = Form(r"arn:aws:iam::\d{12}:saml-provider/[\w._-]+", "write the ARN of a SAML provider")
OIDC = Form(r"arn:aws:iam::\d{12}:oidc-provider/.+", "write the ARN of an OIDC provider")
URL = Form(r"https://[a-z0-9.-]+[a-z0-9]", "write GitLab's address such as https://gitlab.com")
DEFAULTS = Form(r"ours|existing", "write ours, or existing where a landing zone sets them")
DOLLARS = Form(r"[1-9]\d*(\.\d{1,2})?", "write US dollars such as 500")
MAIL = Form(r"[^@\s]+@[^@\s]+\.[^@\s]+", "write a mail address such as finance@example.com")


@dataclass(frozen=True)
class Provider:
    """An identity provider: to be made from a source (metadata, issuer), or adopted by ARN."""

    source: str | None = None
    arn: str | None = None


@dataclass(frozen=True)
class BudgetSettings:
    """US dollars a month, and who hears when they go."""

    monthly_usd: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class AccountSettings:
    """One account; the region is only where its provider sends requests."""

    place: Place
    regions: tuple[str, ...]
    assumed: Assumed | None
    saml: Provider
    github: Provider
    gitlab: Provider
    own_defaults: bool
    budget: BudgetSettings | None
    owner: str
    cost_center: str


def load(values: Values, root: Path) -> AccountSettings:
    """The settings of an account's stack; relative paths start at this program's Pulumi.yaml."""
    values.only(KEYS)
    place = Place(values.required("account", ACCOUNT), values.required("region", REGION))
    if values.stack != place.account:
        raise SettingsError(
            f"{values.file}: the stack is named '{values.stack}', but modelyard:account says "
            f"'{place.account}'; run `pulumi stack select {place.account} --create`"
        )
    organization = values.optional("githubOrganization", ORGANIZATION)
    return AccountSettings(
        place=place,
        regions=tuple(dict.fromkeys((place.region, *values.several("regions", REGION)))),
        assumed=values.assumed(),
        saml=_provider(values, "samlMetadataFile", _metadata(values, root), "samlProvider", SAML),
        github=_provider(values, "githubOrganization", organization, "githubProvider", OIDC),
        gitlab=_provider(
            values, "gitlabUrl", values.optional("gitlabUrl", URL), "gitlabProvider", OIDC
        ),
        own_defaults=values.optional("defaults", DEFAULTS) != "existing",
        budget=_budget(values),
        owner=values.optional("owner", TAG) or DEFAULT_OWNER,
        cost_center=values.optional("costCenter", TAG) or DEFAULT_OWNER,
    )


def _provider(
    values: Values, made_by: str, source: str | None, adopted_by: str, form: Form
) -> Provider:
    arn = values.optional(adopted_by, form)
    if arn and source:
        raise values.problem(
            adopted_by, f"adopts a provider, and modelyard:{made_by} makes one; remove either"
        )
    account = values.stated["account"]
    if arn and arn.split(":")[4] != account:
        raise values.problem(adopted_by, f"is not in account {account}; name one of its providers")
    return Provider(source, arn)


def _budget(values: Values) -> BudgetSettings | None:
    limit = values.optional("monthlyBudget", DOLLARS)
    addresses = values.several("budgetAlerts", MAIL)
    if limit is None and not addresses:
        return None
    if limit is None:
        raise values.problem("monthlyBudget", f"is missing beside budgetAlerts; {DOLLARS.fix}")
    if not addresses:
        raise values.problem(
            "budgetAlerts", f"is missing: a budget nobody hears of; {MAIL.fix}, one per item"
        )
    return BudgetSettings(limit, addresses)


def _metadata(values: Values, root: Path) -> str | None:
    stated = values.optional("samlMetadataFile", PATH)
    if stated is None:
        return None
    try:
        text = (root / Path(stated).expanduser()).read_text()
    except OSError:
        raise values.problem(
            "samlMetadataFile",
            f"cannot read '{stated}'; save your identity provider's metadata there",
        ) from None
    if "EntityDescriptor" not in text:
        raise values.problem(
            "samlMetadataFile",
            f"'{stated}' is not SAML metadata; export the XML that holds an EntityDescriptor",
        )
    return text
