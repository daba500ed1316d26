"""The policies in force according to rendered graphs of the Pulumi programs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policies.evaluation import Policy
from policies.landscape import Held

Resource = Mapping[str, Any]


class GraphError(ValueError):
    """A file that is not a rendered graph."""


@dataclass(frozen=True)
class Graph:
    """Roles with what they hold, and resources with their own policies."""

    held: Mapping[str, Held]
    attached: Mapping[str, Policy]

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
        return cls(_held(by_type), dict(_attached(by_type)))

    def held_by(self, role_arn: str) -> Held | None:
        return self.held.get(role_arn)

    def attached_to(self, resource: str) -> Policy | None:
        return self.attached.get(_owner(resource))


def _resources(path: Path) -> list[Resource]:
    try:
        return list(json.loads(path.read_text(encoding="utf-8"))["resources"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a rendered graph"
        raise GraphError(f"{path}: {reason}; make it with `python -m sandbox render`") from None


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


def _owner(resource: str) -> str:
    """Objects are covered by their bucket's policy."""
    return resource.split("/", 1)[0] if resource.startswith("arn:aws:s3:::") else resource


def _parsed(document: Any, name: str) -> Policy:
    return Policy.parse(document, name)
