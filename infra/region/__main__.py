"""The region program: the network, the event bus and the alert topics that workspaces share."""

import pulumi

from infra.base import foundation_tags, provider
from infra.configuration import or_run_error, stack_values
from infra.region import settings as region_settings
from infra.region.alerts import SeverityTopics, SeverityTopicsArgs
from infra.region.events import Events, EventsArgs
from infra.region.network import Network, NetworkArgs


def main() -> None:
    """One account and region."""
    settings = or_run_error(lambda: region_settings.load(stack_values()))
    place = settings.place
    tags = foundation_tags(settings.owner, settings.cost_center)
    opts = pulumi.ResourceOptions(providers=[provider("modelyard", place, tags, settings.assumed)])
    network = Network(
        "modelyard-network",
        NetworkArgs(place.account, place.region, settings.cidr, settings.zones),
        opts,
    )
    events = Events("modelyard-events", EventsArgs(place, settings.registry_accounts), opts)
    alerts = SeverityTopics("modelyard-alerts", SeverityTopicsArgs(place), opts)
    outputs = {
        "vpc_id": network.vpc_id,
        "subnet_a": network.subnet_a,
        "subnet_b": network.subnet_b,
        "route_table_id": network.route_table_id,
        "s3_prefix_list_id": network.s3_prefix_list_id,
        "event_bus_name": events.bus_name,
        "event_bus_arn": events.bus_arn,
        "key_arn": alerts.key_arn,
        **{f"topic_{severity}": topic for severity, topic in alerts.topics.items()},
    }
    for name, value in outputs.items():
        pulumi.export(name, value)


main()
