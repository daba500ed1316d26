"""The region program's configuration as one frozen object."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from infra.base import Place
from infra.configuration import ACCOUNT, CIDR, REGION, TAG, ZONE, Assumed, SettingsError, Values

KEYS = (
    "account",
    "region",
    "assumeRole",
    "externalId",
    "cidr",
    "zones",
    "registryAccounts",
    "owner",
    "costCenter",
)
DEFAULT_CIDR = "10.42.0.0/16"
DEFAULT_OWNER = "platform"


@dataclass(frozen=True)
class RegionSettings:
    """One account and region."""

    place: Place
    assumed: Assumed | None
    cidr: str
    zones: tuple[str, str]
    registry_accounts: tuple[str, ...]
    owner: str
    cost_center: str


def load(values: Values) -> RegionSettings:
    """The settings of a region's stack."""
    values.only(KEYS)
    place = Place(values.required("account", ACCOUNT), values.required("region", REGION))
    expected = f"{place.account}.{place.region}"
    if values.stack != expected:
        raise SettingsError(
            f"{values.file}: the stack is named '{values.stack}', but modelyard:account and "
            f"modelyard:region say '{expected}'; run `pulumi stack select {expected} --create`"
        )
    return RegionSettings(
        place=place,
        assumed=values.assumed(),
        cidr=_cidr(values),
        zones=_zones(values, place.region),
        registry_accounts=values.several("registryAccounts", ACCOUNT),
        owner=values.optional("owner", TAG) or DEFAULT_OWNER,
        cost_center=values.optional("costCenter", TAG) or DEFAULT_OWNER,
    )


def _cidr(values: Values) -> str:
    stated = values.optional("cidr", CIDR) or DEFAULT_CIDR
    try:
        private = ipaddress.ip_network(stated).is_private
    except ValueError:
        private = False
    if not private:
        raise values.problem("cidr", f"'{stated}' is not a private network; {CIDR.fix}")
    return stated


def _zones(values: Values, region: str) -> tuple[str, str]:
    stated = values.several("zones", ZONE) or (f"{region}a", f"{region}b")
    if len(set(stated)) != 2:
        raise values.problem("zones", f"names {len(set(stated))} zones; name exactly two")
    for zone in stated:
        if not zone.startswith(region):
            raise values.problem("zones", f"'{zone}' is not in {region}; name two of its zones")
    first, second = stated
    return first, second
