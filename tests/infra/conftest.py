"""Estates of projects, and the graphs that the programs make of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.provider.graph import draw
from sandbox.provider.program import Program, Stack
from sandbox.provider.realiser import StackOutputs

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
# AWS takes no metadata under a thousand characters; real ones carry a certificate.
METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" '
    'entityID="https://idp.example.com"><IDPSSODescriptor '
    'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>'
    f"<!-- {'certificate ' * 80} --></EntityDescriptor>"
)

Resource = dict[str, Any]


def project_document(accounts: Mapping[str, str], **changes: Any) -> dict[str, Any]:
    """A valid project.yaml as data; `changes` replace top-level keys."""
    return {
        "name": "loans",
        "title": "Mortgage decisions",
        "business": {"objective": "Decide", "kpi": "days", "owner": "Eve", "expert": "Ed"},
        "owner": "credit-risk",
        "cost_center": "4711",
        "risk": {"tier": "high", "decision": "assisted"},
        "team": {"data-scientist": ["alice"], "model-approver": ["bob"]},
        "environments": {
            name: {"account": account, "region": "us-east-1"} for name, account in accounts.items()
        },
        "data": [{"name": "applications", "source": "data/a.csv", "legal_basis": "contract"}],
        "model": {"problem": "binary", "target": "approve"},
        "monitoring": {"alerts": {"critical": ["oncall@example.com"]}},
        **changes,
    }


@dataclass(frozen=True)
class Graph:
    """The resources of one stack, and what it exports."""

    resources: list[Resource]
    exports: Mapping[str, Any]

    def of(self, token: str) -> list[Resource]:
        """Every resource whose type ends like this, as in `:Bucket`."""
        return [each for each in self.resources if each["type"].endswith(token)]

    def named(self, token: str, suffix: str) -> Resource:
        """The only resource of a type whose name ends like this."""
        (found,) = [each for each in self.of(token) if each["name"].endswith(suffix)]
        return found

    @property
    def aws(self) -> list[Resource]:
        """What exists in AWS: no components, no providers."""
        return [each for each in self.resources if each["type"].startswith("aws:")]


@dataclass(frozen=True)
class Estate:
    """One project's stacks, and the foundation they stand on."""

    folder: Path
    document: Mapping[str, Any]
    config: Mapping[str, str]

    @cached_property
    def _known(self) -> dict[tuple[str, str], StackOutputs]:
        return {}

    @cached_property
    def _graphs(self) -> dict[tuple[str, str], Graph]:
        return {}

    def beside(self, other: Estate) -> Estate:
        """The same estate, whose stacks may read from what another project's have exported."""
        self._known.update(other._known)
        return self

    def region(self, environment: str = "dev") -> Graph:
        """The region stack under an environment."""
        at = self._at(environment)
        accounts = {name: self._at(name)["account"] for name in ("dev", "staging", "prod")}
        config = {**self._place(at), "registryAccounts": json.dumps([accounts["dev"]])}
        if at["account"] == accounts["dev"]:
            config["consumerAccounts"] = json.dumps([accounts["staging"], accounts["prod"]])
        return self._drawn("infra/region", f"{at['account']}.{at['region']}", config)

    def account(self, environment: str = "dev") -> Graph:
        """The account stack under an environment."""
        at = self._at(environment)
        metadata = self.folder / "metadata.xml"
        metadata.write_text(METADATA)
        config = {
            **self._place(at),
            "samlMetadataFile": str(metadata),
            "githubOrganization": "example",
        }
        return self._drawn("infra/account", at["account"], config)

    def workspace(self, environment: str = "dev") -> Graph:
        """A workspace, after its foundation and its registry."""
        self.account(environment)
        self.region(environment)
        if environment != "dev" and ("modelyard", f"{self.name}.dev") not in self._known:
            self.workspace("dev")
        if environment == "prod":
            self.workspace("staging")
        if environment == "prod" and ("modelyard", f"{self.name}.staging") not in self._known:
            self.workspace("staging")
        file = self.folder / "project.yaml"
        file.write_text(yaml.safe_dump(dict(self.document)))
        config = {"projectFile": str(file), "environment": environment, **self.config}
        return self._drawn(".", f"{self.name}.{environment}", config)

    @property
    def name(self) -> str:
        """The project's name."""
        return str(self.document["name"])

    def _at(self, environment: str) -> dict[str, str]:
        return dict(self.document["environments"][environment])

    def _place(self, at: Mapping[str, str]) -> dict[str, str]:
        return {"account": at["account"], "region": at["region"]}

    def _drawn(self, program: str, name: str, config: Mapping[str, str]) -> Graph:
        if (program, name) in self._graphs:
            return self._graphs[(program, name)]
        stack = Stack(
            Program(ROOT / program),
            name,
            {f"modelyard:{key}": value for key, value in config.items()},
        )
        resources = draw(stack, self._known)
        graph = Graph(resources, self._known[(stack.program.name, name)].values)
        return self._graphs.setdefault((program, name), graph)


EstateOf = Callable[..., Estate]


@pytest.fixture(scope="session")
def estate_of(tmp_path_factory: pytest.TempPathFactory) -> EstateOf:
    """Makes estates: accounts by environment, changed project keys, workspace configuration."""

    def make(
        accounts: Mapping[str, str] = ACCOUNTS,
        config: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> Estate:
        folder = tmp_path_factory.mktemp("estate")
        return Estate(folder, project_document(accounts, **changes), config or {})

    return make


@pytest.fixture(scope="session")
def estate(estate_of: EstateOf) -> Estate:
    """The demo's shape: all three environments in one account."""
    return estate_of(dict.fromkeys(ACCOUNTS, "123456789012"))


@pytest.fixture(scope="session")
def dev(estate: Estate) -> Graph:
    """The workspace that trains and registers."""
    return estate.workspace("dev")


@pytest.fixture(scope="session")
def staging(estate: Estate) -> Graph:
    """A workspace that serves."""
    return estate.workspace("staging")


@pytest.fixture(scope="session")
def prod(estate: Estate) -> Graph:
    """The workspace that serves customers."""
    return estate.workspace("prod")


@pytest.fixture(scope="session")
def workspaces(dev: Graph, staging: Graph, prod: Graph) -> dict[str, Graph]:
    """All three, by environment."""
    return {"dev": dev, "staging": staging, "prod": prod}
