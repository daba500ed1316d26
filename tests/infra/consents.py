"""What a request across accounts needs, leg by leg, from the resources that programs made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.evaluation import Policy, PolicySet, Request, evaluate

Resource = Mapping[str, Any]
READER, OWNER = "the reader's own policy", "the owner's policy"
EVERYTHING = Policy.parse(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
    "everything",
)
# Where each service's resource keeps its policy: type of resource, member, and the ARN it is of.
OWNERS: Mapping[str, tuple[str, str, Callable[[Resource], str]]] = {
    "s3": (":BucketPolicy", "policy", lambda one: f"arn:aws:s3:::{one['inputs']['bucket']}"),
    "kms": (":Key", "policy", lambda one: one["outputs"]["arn"]),
    "ecr": (":RepositoryPolicy", "policy", lambda one: one["inputs"]["repository"]),
    "sagemaker": (
        ":ModelPackageGroupPolicy",
        "resourcePolicy",
        lambda one: one["inputs"]["modelPackageGroupName"],
    ),
    "events": (
        ":EventBusPolicy",
        "policy",
        lambda one: json.loads(one["inputs"]["policy"])["Statement"][0]["Resource"],
    ),
}


@dataclass(frozen=True)
class Need:
    """One action of a role on a resource in another account."""

    role: str
    action: str
    resource: str
    owner: str
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def request(self) -> Request:
        """The request, with what AWS puts into the context of every one."""
        account = self.role.split(":")[4]
        own = {
            "aws:PrincipalArn": self.role,
            "aws:PrincipalAccount": account,
            "aws:SecureTransport": "true",
            "aws:RequestedRegion": "us-east-1",
        }
        return Request(
            self.action,
            self.resource,
            self.role,
            account,
            self.owner,
            context={**own, **self.context},
        )


@dataclass(frozen=True)
class Consents:
    """Every stack's resources together."""

    resources: tuple[Resource, ...]

    def missing(self, need: Need) -> list[str]:
        """The legs that do not carry the need; none when AWS would allow it."""
        own, owners = self._own(need.role), self._owners(need.resource)
        legs = {
            READER: PolicySet(identity=own, boundary=self._boundary(need.role), resource=_open()),
            OWNER: PolicySet(identity=(EVERYTHING,), resource=owners),
        }
        together = PolicySet(identity=own, boundary=self._boundary(need.role), resource=owners)
        absent = [leg for leg, alone in legs.items() if not evaluate(need.request, alone).allowed]
        assert evaluate(need.request, together).allowed is (not absent)
        return absent

    def allows(self, need: Need) -> bool:
        """Whether a need within one account is met: there one side's word is enough."""
        return evaluate(
            need.request,
            PolicySet(
                identity=self._own(need.role),
                boundary=self._boundary(need.role),
                resource=self._owners(need.resource),
            ),
        ).allowed

    def without(self, need: Need, leg: str) -> Consents:
        """The same estate, but one side forgot the need's action."""
        if leg == OWNER:
            changed = [one for one, _ in self._policies_of(need.resource)]
        else:
            changed = self._attached(need.role)
        urns = {one["urn"] for one in changed}
        assert urns, f"{leg}: there is no policy to remove it from"
        return Consents(
            tuple(
                _forgetting(one, need.action) if one["urn"] in urns else one
                for one in self.resources
            )
        )

    def _own(self, role: str) -> tuple[Policy, ...]:
        return tuple(_parsed(one, "policy") for one in self._attached(role))

    def _boundary(self, role: str) -> Policy:
        (found,) = [one for one in self.of(":Role") if one["outputs"].get("arn") == role]
        arn = found["inputs"]["permissionsBoundary"]
        (policy,) = [one for one in self.of("iam/policy:Policy") if one["outputs"]["arn"] == arn]
        return _parsed(policy, "policy")

    def _attached(self, role: str) -> list[Resource]:
        account, name = role.split(":")[4], role.rsplit("/", 1)[1]
        arns = {
            one["inputs"]["policyArn"]
            for one in self.of(":RolePolicyAttachment")
            if one["inputs"]["role"] == name and one["inputs"]["policyArn"].split(":")[4] == account
        }
        return [one for one in self.of("iam/policy:Policy") if one["outputs"]["arn"] in arns]

    def _owners(self, resource: str) -> Policy | None:
        found = [_parsed(one, member) for one, member in self._policies_of(resource)]
        return found[0] if found else None

    def _policies_of(self, resource: str) -> list[tuple[Resource, str]]:
        service, name = resource.split(":")[2], resource.split(":", 5)[5]
        token, member, of = OWNERS[service]
        wanted = {
            "s3": resource.split("/", 1)[0],
            "ecr": name.removeprefix("repository/"),
            "sagemaker": name.split("/")[1] if "/" in name else "",
        }.get(service, resource)
        return [(one, member) for one in self.of(token) if of(one) == wanted]

    def stated(self, account: str, owner: str) -> list[Need]:
        """All that roles of an account say they take from another account's resources.

        What an auditor may look at account-wide is no such thing: there they sign in.
        """
        roles = [
            str(one["outputs"]["arn"])
            for one in self.of("iam/role:Role")
            if f":{account}:" in one["outputs"]["arn"]
        ]
        return [
            Need(role, action, resource.replace("*", "x1"), owner, _context(statement))
            for role in roles
            for policy in self._attached(role)
            for statement in json.loads(policy["inputs"]["policy"])["Statement"]
            if statement["Effect"] == "Allow"
            for resource in _listed(statement["Resource"])
            if f"-{owner}" in resource or f":{owner}:" in resource.removesuffix(f"{owner}:*")
            for action in _listed(statement["Action"])
        ]

    def of(self, token: str) -> list[Resource]:
        """Every resource whose type ends like this."""
        return [one for one in self.resources if one["type"].endswith(token)]


def _open() -> Policy:
    """An owner who allows everything to everybody: what is left to decide is the reader's side."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    return Policy.parse({"Version": "2012-10-17", "Statement": statement}, "an open resource")


def _parsed(resource: Resource, member: str) -> Policy:
    return Policy.parse(resource["inputs"][member], resource["name"])


def _forgetting(resource: Resource, action: str) -> Resource:
    """The resource, without the statements of its policy that allow the action to others."""
    member = "resourcePolicy" if "resourcePolicy" in resource["inputs"] else "policy"
    document = json.loads(resource["inputs"][member])
    kept = [one for one in document["Statement"] if not _allows(one, action)]
    # IAM takes no document without statements.
    document["Statement"] = kept or [{**document["Statement"][0], "Effect": "Deny"}]
    return {**resource, "inputs": {**resource["inputs"], member: json.dumps(document)}}


def _allows(statement: Mapping[str, Any], action: str) -> bool:
    return statement["Effect"] == "Allow" and action in _listed(statement["Action"])


def _context(statement: Mapping[str, Any]) -> dict[str, str]:
    """A context that meets the statement's own condition."""
    condition = statement.get("Condition", {})
    wanted = {**condition.get("StringLike", {}), **condition.get("StringEquals", {})}
    return {key: _listed(value)[0].replace("*", "x1") for key, value in wanted.items()}


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
