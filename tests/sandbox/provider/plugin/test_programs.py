"""A project's programs come up through the plugin, stay unchanged and are refreshed as they are."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.provider.assets import Package
from sandbox.provider.engine import run_program
from sandbox.provider.identity import ProviderConfig
from sandbox.provider.layers import Estate
from sandbox.provider.realiser import Desired, Realised, StackOutputs
from tests.sandbox.provider.plugin.conftest import Engine, Resource, StartEngine

pytestmark = pytest.mark.timeout(240)
PROJECT = Path(__file__).parents[1] / "project.yaml"
ARCHIVE = {"4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7"}


class Driver:
    """Makes a program's resources real through the plugin, as Pulumi's engine does."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.resources: dict[str, Resource] = {}
        self.wanted: dict[str, dict[str, Any]] = {}
        self.exports: dict[tuple[str, str], StackOutputs] = {}
        self.engine = engine
        self._folder = folder
        self._lock = threading.Lock()

    def realise(self, desired: Desired, config: ProviderConfig) -> Realised:
        """A creation; the same resource again must be no change."""
        inputs = {name: self._sent(value) for name, value in desired.properties.values.items()}
        with self._lock:
            known = self.resources.get(desired.urn)
        made = known or self.engine.create(desired.type, desired.name, inputs)
        with self._lock:
            self.resources[desired.urn], self.wanted[desired.urn] = made, inputs
        outputs = {**made.outputs, **desired.properties.values, "id": made.id}
        return Realised(made.id, inputs, {k: v for k, v in outputs.items() if k != "__meta"})

    def keep(self, desired: Desired, realised: Realised) -> None:
        """Components live in the engine alone."""

    def stack_outputs(self, project: str, stack: str) -> StackOutputs:
        """What an earlier program exported."""
        return self.exports[(project, stack)]

    def differing(self, resources: Mapping[str, Resource]) -> list[str]:
        """What the programs would change of resources that are as given."""
        found = [(urn, self.engine.diff(one, self.wanted[urn])) for urn, one in resources.items()]
        return [
            f"{urn.split('::')[-1]}: {path}" for urn, diff in found for path in diff.detailedDiff
        ]

    def _sent(self, value: Any) -> Any:
        if not isinstance(value, Package):
            return value
        file = self._folder / f"{value.sha256}.zip"
        file.write_bytes(value.data)
        return {**ARCHIVE, "hash": value.sha256, "path": str(file)}


@pytest.fixture
def driver(start_engine: StartEngine, account: str, tmp_path: Path) -> Driver:
    """A driver of one provider instance, after account, region and dev workspace came up."""
    document = yaml.safe_load(PROJECT.read_text())
    for place in document["environments"].values():
        place.update(account=account, region="us-east-1")
    file = tmp_path / "project.yaml"
    file.write_text(yaml.safe_dump(document))
    tags = {"tags": {"project": "loans", "env": "dev"}}
    engine = start_engine(region="us-east-1", allowedAccountIds=[account], defaultTags=tags)
    driver = Driver(engine, tmp_path)
    for stack in Estate.of(file).layers("dev").in_order:
        exported = run_program(stack, driver)
        driver.exports[(stack.program.name, stack.name)] = exported
    return driver


def test_programs_come_up_and_nothing_differs_afterwards(driver: Driver) -> None:
    refreshed = {urn: driver.engine.refresh(one) for urn, one in driver.resources.items()}

    assert len(driver.resources) > 80
    assert driver.differing(driver.resources) == []
    assert [urn for urn, one in refreshed.items() if one is None] == []
    assert driver.differing({urn: one for urn, one in refreshed.items() if one}) == []
