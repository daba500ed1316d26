"""The region program's configuration as one frozen object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.base import Place
from infra.configuration import ACCOUNT, REGION, TAG, Assumed, Form, SettingsError, Values
from infra.region import listeners, network_settings
from infra.region.alerts import Listeners
from infra.region.network_settings import EndpointSettings, ExistingNetwork, NewNetwork
from infra.region.trail import MOST_PROJECTS

KEYS = (
    "account",
    "region",
    "assumeRole",
    "externalId",
    *network_settings.KEYS,
    *listeners.KEYS,
    "registryAccounts",
    "consumerAccounts",
    "flowLogs",
    "auditedProjects",
    "trailBucket",
    "adoptTrail",
    "owner",
    "costCenter",
)
DEFAULT_OWNER = "platform"
PROJECT = Form(r"[a-z][a-z0-9-]{0,30}", "write a project's name as its project.yaml has it")
BUCKET = Form(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "write the name of a bucket")
TRAIL = Form(
    r"arn:aws:cloudtrail:[a-z0-9-]+:\d{12}:trail/[\w.-]+", "write the ARN of an existing trail"
)
FLOW_LOGS = Form(
    r"logs|existing|arn:aws:s3:::[a-z0-9.-]+(/.*)?",
    "write logs, existing, or the ARN of a bucket such as arn:aws:s3:::central-flow-logs",
)


@dataclass(frozen=True)
class TrailSettings:
    """A trail of our own: whose data it watches, and a central bucket where there is one."""

    projects: tuple[str, ...]
    bucket: str | None


@dataclass(frozen=True)
class RegionSettings:
    """One account and region."""

    place: Place
    assumed: Assumed | None
    network: NewNetwork | ExistingNetwork
    endpoints: EndpointSettings
    flow_logs: str
    registry_accounts: tuple[str, ...]
    consumer_accounts: tuple[str, ...]
    trail: TrailSettings | None
    listeners: Mapping[str, Listeners]
    slack_workspace: str | None
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
    network = network_settings.load(values, place.region)
    heard = listeners.load(values)
    return RegionSettings(
        place=place,
        assumed=values.assumed(),
        network=network,
        endpoints=network_settings.endpoints(values, network),
        flow_logs=values.optional("flowLogs", FLOW_LOGS) or "logs",
        registry_accounts=values.several("registryAccounts", ACCOUNT),
        consumer_accounts=values.several("consumerAccounts", ACCOUNT),
        trail=_trail(values),
        listeners=heard,
        slack_workspace=listeners.workspace(values, heard),
        owner=values.optional("owner", TAG) or DEFAULT_OWNER,
        cost_center=values.optional("costCenter", TAG) or DEFAULT_OWNER,
    )


def _trail(values: Values) -> TrailSettings | None:
    projects = values.several("auditedProjects", PROJECT)
    bucket = values.optional("trailBucket", BUCKET)
    if len(projects) > MOST_PROJECTS:
        raise values.problem(
            "auditedProjects",
            f"names {len(projects)} projects; a trail watches {MOST_PROJECTS} at most: "
            "give the others an account of their own",
        )
    if values.optional("adoptTrail", TRAIL) is None:
        return TrailSettings(projects, bucket)
    for key, stated in (("auditedProjects", projects), ("trailBucket", bucket)):
        if stated:
            raise values.problem(
                key, "belongs to a trail of our own; remove it, or remove modelyard:adoptTrail"
            )
    return None
