"""The policies in force according to rendered graphs of the Pulumi programs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from policies import documents
from policies.attached import Resource, attached, covering
from policies.evaluation import Policy
from policies.landscape import INFRASTRUCTURE_FILE, Held, infrastructure_held
from policies.places import Place, placeholder_values


class GraphError(ValueError):
    """A file that is not a rendered graph."""


@dataclass(frozen=True)
class Graph:
    """Roles with what they hold, and resources with their own policies."""

    held: Mapping[str, Held]
    attached: Mapping[str, Policy]
    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    contracts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, paths: Iterable[Path]) -> Graph:
        """One estate from the graphs of its environments.

        Raises:
            GraphError: a file is not a graph.
            PolicyError: a policy in it is malformed.
        """
        by_type: dict[str, list[Resource]] = defaultdict(list)
        for path in paths:
            for resource in _resources(path):
                by_type[resource["type"]].append(resource)
        texts = {
            resource["name"]: json.loads(resource["inputs"]["policy"])
            for resource in by_type["aws:iam/policy:Policy"]
        }
        return cls(
            _held(by_type),
            attached(by_type),
            texts,
            _contracts(by_type),
        )

    def held_by(self, role_arn: str) -> Held | None:
        """The infrastructure's role is older than the programs; the bootstrap describes it."""
        return self.held.get(role_arn) or infrastructure_held(role_arn)

    def attached_to(self, resource: str) -> Policy | None:
        return self.attached.get(covering(resource))

    def document(self, name: str, place: Place) -> Mapping[str, Any] | None:
        """Names are unique: they begin with project and environment."""
        if name == INFRASTRUCTURE_FILE:
            return documents.infrastructure({"account": place.account})
        return self.documents.get(name)

    def values(self, place: Place, registry: Place) -> dict[str, str]:
        """What the documents' placeholders became, as the workspace's contract states it.

        Raises:
            GraphError: no graph of the environment was given.
        """
        try:
            own, shared = self.contracts[place.environment], self.contracts[registry.environment]
        except KeyError as error:
            raise GraphError(f"no graph of {error.args[0]} was given") from None
        known = {name: own[name] for name in ("subnet_a", "subnet_b", "security_group")}
        before = self.contracts.get("staging", own)
        keys = {
            "key": own["key_arn"],
            "registry_key": shared["key_arn"],
            "staging_key": before["key_arn"],
        }
        staging = replace(place, account=before["account"], region=before["region"])
        return {**placeholder_values(place, registry, staging), **known, **keys}


def _resources(path: Path) -> list[Resource]:
    try:
        return list(json.loads(path.read_text(encoding="utf-8"))["resources"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a rendered graph"
        raise GraphError(f"{path}: {reason}; make it with `python -m sandbox render`") from None


def _contracts(by_type: Mapping[str, list[Resource]]) -> dict[str, dict[str, str]]:
    """The workspace contracts by environment, from parameters /modelyard/PROJECT/ENV/KEY."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for parameter in by_type["aws:ssm/parameter:Parameter"]:
        inputs = parameter["inputs"]
        parts = inputs["name"].split("/")
        if len(parts) == 5 and parts[1] == "modelyard":
            found[parts[3]][parts[4]] = str(inputs.get("value") or inputs.get("insecureValue"))
    return dict(found)


def _held(by_type: Mapping[str, list[Resource]]) -> dict[str, Held]:
    managed = {
        str(policy["outputs"]["arn"]): _parsed(policy["inputs"]["policy"], policy["name"])
        for policy in by_type["aws:iam/policy:Policy"]
    }
    # By stack and name: administration's roles are called alike in every account.
    of_role: dict[tuple[str, str], list[Policy]] = defaultdict(list)
    for attachment in by_type["aws:iam/rolePolicyAttachment:RolePolicyAttachment"]:
        inputs = attachment["inputs"]
        of_role[_stack(attachment), inputs["role"]].append(managed[inputs["policyArn"]])
    for inline in by_type["aws:iam/rolePolicy:RolePolicy"]:
        inputs = inline["inputs"]
        of_role[_stack(inline), inputs["role"]].append(_parsed(inputs["policy"], inline["name"]))
    return {
        str(role["outputs"]["arn"]): Held(
            tuple(of_role[_stack(role), role["outputs"]["name"]]),
            managed.get(role["inputs"].get("permissionsBoundary", "")),
        )
        for role in by_type["aws:iam/role:Role"]
    }


def _stack(resource: Resource) -> str:
    """A role and what is attached to it are made by one stack."""
    return "::".join(str(resource["urn"]).split("::")[:2])


def _parsed(document: Any, name: str) -> Policy:
    return Policy.parse(document, name)
