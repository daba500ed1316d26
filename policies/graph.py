"""The policies in force according to rendered graphs of the Pulumi programs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from policies import documents
from policies.evaluation import Policy
from policies.landscape import INFRASTRUCTURE_FILE, Held, infrastructure_held
from policies.places import Place, placeholder_values

Resource = Mapping[str, Any]


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
            {**dict(_attached(by_type)), **dict(_granted(by_type))},
            texts,
            _contracts(by_type),
        )

    def held_by(self, role_arn: str) -> Held | None:
        """The infrastructure's role is older than the programs: the bootstrap says what it holds."""
        return self.held.get(role_arn) or infrastructure_held(role_arn)

    def attached_to(self, resource: str) -> Policy | None:
        return self.attached.get(_owner(resource))

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
        keys = {"key": own["key_arn"], "registry_key": shared["key_arn"]}
        return {**placeholder_values(place, registry), **known, **keys}


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
    of_role: dict[str, list[Policy]] = defaultdict(list)
    for attachment in by_type["aws:iam/rolePolicyAttachment:RolePolicyAttachment"]:
        inputs = attachment["inputs"]
        of_role[inputs["role"]].append(managed[inputs["policyArn"]])
    for inline in by_type["aws:iam/rolePolicy:RolePolicy"]:
        inputs = inline["inputs"]
        of_role[inputs["role"]].append(_parsed(inputs["policy"], inline["name"]))
    return {
        str(role["outputs"]["arn"]): Held(
            tuple(of_role[role["outputs"]["name"]]),
            managed.get(role["inputs"].get("permissionsBoundary", "")),
        )
        for role in by_type["aws:iam/role:Role"]
    }


def _attached(by_type: Mapping[str, list[Resource]]) -> Iterator[tuple[str, Policy]]:
    for type_, (arn, element) in _RESOURCE_POLICIES.items():
        for resource in by_type[type_]:
            document = resource["inputs"].get(element)
            if document:
                yield arn(resource), _parsed(document, resource["name"])


def _granted(by_type: Mapping[str, list[Resource]]) -> Iterator[tuple[str, Policy]]:
    """Policies that name their resource by its name only."""
    for type_, (of_type, name, element) in _POLICIES_BY_NAME.items():
        owners = {one["outputs"][name]: one["outputs"]["arn"] for one in by_type[of_type]}
        for resource in by_type[type_]:
            inputs = resource["inputs"]
            owner = owners.get(inputs.get(name) or inputs.get("repository"))
            if owner:
                yield str(owner), _parsed(inputs[element], resource["name"])


def _output(name: str) -> Callable[[Resource], str]:
    return lambda resource: str(resource["outputs"][name])


_RESOURCE_POLICIES: Final[Mapping[str, tuple[Callable[[Resource], str], str]]] = {
    "aws:kms/key:Key": (_output("arn"), "policy"),
    "aws:iam/role:Role": (_output("arn"), "assumeRolePolicy"),
    "aws:s3/bucketPolicy:BucketPolicy": (
        lambda resource: f"arn:aws:s3:::{resource['inputs']['bucket']}",
        "policy",
    ),
    "aws:sns/topicPolicy:TopicPolicy": (lambda resource: resource["inputs"]["arn"], "policy"),
}


_POLICIES_BY_NAME: Final[Mapping[str, tuple[str, str, str]]] = {
    "aws:ecr/repositoryPolicy:RepositoryPolicy": (
        "aws:ecr/repository:Repository",
        "name",
        "policy",
    ),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": (
        "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        "modelPackageGroupName",
        "resourcePolicy",
    ),
}


def _owner(resource: str) -> str:
    """Objects are covered by their bucket's policy, model packages by their group's."""
    if resource.startswith("arn:aws:s3:::"):
        return resource.split("/", 1)[0]
    head, package, rest = resource.partition(":model-package/")
    return f"{head}:model-package-group/{rest.split('/', 1)[0]}" if package else resource


def _parsed(document: Any, name: str) -> Policy:
    return Policy.parse(document, name)
