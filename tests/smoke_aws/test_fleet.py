"""The bulk lists that the fleet is read from answer, with the page sizes that are asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from modelyard.fleet import projects
from modelyard.fleet.account import SERVICES, Account, Doors

if TYPE_CHECKING:
    from modelyard.fleet.projects import Fleet
    from tests.smoke_aws.road import Road


@pytest.fixture(scope="module")
def fleet(road: Road) -> Fleet:
    """The fleet of the account and region of the project's dev."""
    clients = {name: road.client(name) for name in SERVICES}
    here = Account(road.workspace.account, road.workspace.region, clients=clients)
    return projects.read(Doors((here,), {}), datetime.now(UTC), version("modelyard"), 90, 8)


def test_every_list_answers(fleet: Fleet) -> None:
    assert fleet.gaps == ()


def test_project_is_listed_with_its_budget(road: Road, fleet: Fleet) -> None:
    (found,) = [one for one in fleet.projects if one.name == road.project.name]
    dev = found.environments[0]
    assert (dev.name, dev.record.owner) == ("dev", road.project.owner)
    assert dev.spending is not None
    assert dev.spending.limit == road.project.environments["dev"].monthly_budget


def test_a_page_of_parameters_holds_ten(road: Road) -> None:
    """More is refused: what 1,000 projects cost in calls rests on it."""
    ssm = road.client("ssm")
    with pytest.raises(ssm.exceptions.ClientError, match="maxResults"):
        ssm.get_parameters_by_path(Path="/modelyard-fleet/dev", MaxResults=11)
