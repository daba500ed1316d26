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
    SettingsError,
    Values,
)

KEYS = (
    "account",
    "region",
    "assumeRole",
    "externalId",
    "samlMetadataFile",
    "githubOrganization",
    "owner",
    "costCenter",
)
DEFAULT_OWNER = "platform"


@dataclass(frozen=True)
class AccountSettings:
    """One account; the region is only where its provider sends requests."""

    place: Place
    assumed: Assumed | None
    saml_metadata: str | None
    github_organization: str | None
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
    return AccountSettings(
        place=place,
        assumed=values.assumed(),
        saml_metadata=_metadata(values, root),
        github_organization=values.optional("githubOrganization", ORGANIZATION),
        owner=values.optional("owner", TAG) or DEFAULT_OWNER,
        cost_center=values.optional("costCenter", TAG) or DEFAULT_OWNER,
    )


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
