"""The region program: what the workspaces of one account and region share."""

import pulumi

from infra.base import foundation_tags, provider
from infra.configuration import or_run_error, stack_values
from infra.region import settings as region_settings
from infra.region.alerts import SeverityTopics, SeverityTopicsArgs
from infra.region.chat import Chat, ChatArgs
from infra.region.dashboard import Dashboard, DashboardArgs
from infra.region.emergency import Emergency, EmergencyArgs
from infra.region.encryption import SharedKey, SharedKeyArgs
from infra.region.endpoints import Endpoints, EndpointsArgs
from infra.region.events import Events, EventsArgs
from infra.region.flow_logs import FlowLogs, FlowLogsArgs
from infra.region.network import Network, NetworkArgs
from infra.region.queries import Queries, QueriesArgs
from infra.region.settings import RegionSettings
from infra.region.trail import Trail, TrailArgs


def main() -> None:
    """One account and region."""
    settings = or_run_error(lambda: region_settings.load(stack_values()))
    place = settings.place
    tags = foundation_tags(settings.owner, settings.cost_center)
    opts = pulumi.ResourceOptions(providers=[provider("modelyard", place, tags, settings.assumed)])
    key = SharedKey("modelyard-key", SharedKeyArgs(place), opts).key_arn
    network = Network("modelyard-network", NetworkArgs(place, settings.network), opts)
    listen_to_the_network(settings, network, key, opts)
    events = Events(
        "modelyard-events",
        EventsArgs(place, settings.registry_accounts, settings.consumer_accounts),
        opts,
    )
    topics = alert(settings, key, opts)
    emergency = EmergencyArgs(place, topics["critical"], key)
    Emergency("modelyard-emergency", emergency, opts)
    if settings.trail is not None:
        trail = TrailArgs(place, key, settings.trail.projects, settings.trail.bucket)
        Trail("modelyard-trail", trail, opts)
    queries = Queries("modelyard-queries", QueriesArgs(place, key), opts)
    Dashboard("modelyard-dashboard", DashboardArgs(place), opts)
    subnets = {
        f"subnet_{letter}": subnet for letter, subnet in zip("abc", network.subnets, strict=False)
    }
    outputs = {
        "vpc_id": network.vpc_id,
        **subnets,
        "route_table_id": network.route_table_id,
        "s3_prefix_list_id": network.s3_prefix_list_id,
        "event_bus_name": events.bus_name,
        "event_bus_arn": events.bus_arn,
        "key_arn": key,
        **{f"topic_{severity}": topic for severity, topic in topics.items()},
        "athena_workgroup": queries.workgroup,
    }
    for name, value in outputs.items():
        pulumi.export(name, value)


def listen_to_the_network(
    settings: RegionSettings,
    network: Network,
    key: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Flow logs, unless somebody else keeps them, and the interface endpoints asked for."""
    if settings.flow_logs != "existing":
        bucket = None if settings.flow_logs == "logs" else settings.flow_logs
        flows = FlowLogsArgs(settings.place, network.vpc_id, key, bucket)
        FlowLogs("modelyard-flow-logs", flows, opts)
    asked, cidr = settings.endpoints, settings.network.cidr
    if asked.services and cidr:
        subnets = network.subnets[: asked.zones]
        endpoints = EndpointsArgs(settings.place, network.vpc_id, cidr, subnets, asked.services)
        Endpoints("modelyard-endpoints", endpoints, opts)


def alert(
    settings: RegionSettings, key: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> dict[str, pulumi.Output[str]]:
    """Topics by severity, and who hears them."""
    place, listeners = settings.place, settings.listeners
    args = SeverityTopicsArgs(place, key, listeners, rules=frozenset({"critical"}))
    topics = SeverityTopics("modelyard-alerts", args, opts)
    if settings.slack_workspace and any(one.slack for one in listeners.values()):
        chat = ChatArgs(place, settings.slack_workspace, listeners, topics.topics)
        Chat("modelyard-chat", chat, opts)
    return dict(topics.topics)


main()
