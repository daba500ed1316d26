"""The network's part of the region's configuration: made here, or an existing one adopted."""

from __future__ import annotations

import difflib
import ipaddress
from dataclasses import dataclass

from infra.configuration import CIDR, ZONE, Form, Values
from infra.region.endpoints import SERVICES

KEYS = (
    "cidr",
    "zones",
    "vpcId",
    "subnetA",
    "subnetB",
    "routeTables",
    "s3PrefixList",
    "interfaceEndpoints",
    "endpointZones",
)
DEFAULT_CIDR = "10.42.0.0/16"
ZONE_COUNTS = (2, 3)
VPC = Form(r"vpc-[0-9a-f]{8,17}", "write the id of a VPC such as vpc-0123456789abcdef0")
SUBNET = Form(r"subnet-[0-9a-f]{8,17}", "write the id of a private subnet")
ROUTES = Form(r"rtb-[0-9a-f]{8,17}", "write the id of a route table")
PREFIXES = Form(r"pl-[0-9a-f]{8,17}", "write the id of S3's prefix list in this region")
ANY_CIDR = Form(r"\d{1,3}(\.\d{1,3}){3}/\d{1,2}", "write the VPC's range such as 10.1.0.0/20")
SERVICE = Form(r"[a-z0-9.-]+", "write a service such as sagemaker.api")
COUNT = Form(r"[123]", "write 1, 2 or 3")


@dataclass(frozen=True)
class NewNetwork:
    """A network of our own: its range and zones."""

    cidr: str
    zones: tuple[str, ...]


@dataclass(frozen=True)
class ExistingNetwork:
    """A network that somebody else made; its S3 gateway is made here unless it has one."""

    vpc_id: str
    subnets: tuple[str, str]
    route_tables: tuple[str, ...]
    s3_prefix_list: str | None
    cidr: str | None


@dataclass(frozen=True)
class EndpointSettings:
    """The services asked for, and in how many zones."""

    services: tuple[str, ...]
    zones: int


def load(values: Values, region: str) -> NewNetwork | ExistingNetwork:
    """The network that the stack asks for."""
    vpc = values.optional("vpcId", VPC)
    if vpc is not None:
        return _existing(values, vpc)
    for key in ("subnetA", "subnetB", "routeTables", "s3PrefixList"):
        if values.stated.get(key):
            raise values.problem(key, "belongs to an existing VPC; set modelyard:vpcId beside it")
    stated = values.optional("cidr", CIDR) or DEFAULT_CIDR
    return NewNetwork(_private(values, stated, CIDR), _zones(values, region))


def endpoints(values: Values, network: NewNetwork | ExistingNetwork) -> EndpointSettings:
    """The interface endpoints asked for; none costs nothing."""
    services = values.several("interfaceEndpoints", SERVICE)
    for service in services:
        if service not in SERVICES:
            near = difflib.get_close_matches(service, SERVICES, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(SERVICES)}"
            raise values.problem("interfaceEndpoints", f"'{service}' is not known; {hint}")
    if services and network.cidr is None:
        raise values.problem(
            "cidr", "is missing; write the VPC's range, from which interface endpoints are reached"
        )
    zones = int(values.optional("endpointZones", COUNT) or 1)
    available = len(network.zones if isinstance(network, NewNetwork) else network.subnets)
    if zones > available:
        raise values.problem(
            "endpointZones", f"asks for {zones} zones; the network has {available}: lower it"
        )
    return EndpointSettings(tuple(dict.fromkeys(services)), zones)


def _existing(values: Values, vpc: str) -> ExistingNetwork:
    if values.stated.get("zones"):
        raise values.problem("zones", "belongs to a new network; remove it, subnets have their own")
    tables = values.several("routeTables", ROUTES)
    prefixes = values.optional("s3PrefixList", PREFIXES)
    if bool(tables) == bool(prefixes):
        raise values.problem(
            "routeTables",
            "or modelyard:s3PrefixList, exactly one: the route tables that get an S3 gateway "
            "endpoint, or the prefix list of the one they have",
        )
    cidr = values.optional("cidr", ANY_CIDR)
    return ExistingNetwork(
        vpc_id=vpc,
        subnets=(values.required("subnetA", SUBNET), values.required("subnetB", SUBNET)),
        route_tables=tables,
        s3_prefix_list=prefixes,
        cidr=_private(values, cidr, ANY_CIDR) if cidr else None,
    )


def _private(values: Values, stated: str, form: Form) -> str:
    try:
        private = ipaddress.ip_network(stated).is_private
    except ValueError:
        private = False
    if not private:
        raise values.problem("cidr", f"'{stated}' is not a private network; {form.fix}")
    return stated


def _zones(values: Values, region: str) -> tuple[str, ...]:
    stated = values.several("zones", ZONE) or (f"{region}a", f"{region}b")
    if len(set(stated)) != len(stated) or len(stated) not in ZONE_COUNTS:
        raise values.problem("zones", f"names {len(set(stated))} zones; name two or three")
    for zone in stated:
        if not zone.startswith(region):
            raise values.problem("zones", f"'{zone}' is not in {region}; name its own zones")
    return stated
