"""IAM roles and their policies."""

from __future__ import annotations

from sandbox.provider.handlers import documents
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    PutHandler,
    Values,
    given,
    gone_tags,
    names,
    tag_list,
    tag_map,
)
from sandbox.provider.identity import Identity, Seed

NAME = r"[\w+=,.@-]{1,64}"
LONG_NAME = r"[\w+=,.@-]{1,128}"


class Role(Handler):
    """A role."""

    token = "aws:iam/role:Role"
    known = names(
        "name namePrefix assumeRolePolicy description path permissionsBoundary "
        "maxSessionDuration forceDetachPolicies"
    )
    replaced_by = names("name path")
    tagged = True
    unstated = {"description": "", "path": "/", "maxSessionDuration": 3600}
    named_by = "name"
    name_pattern = NAME

    def validate(self, inputs: Facts) -> None:
        inputs["assumeRolePolicy"] = documents.policy(inputs["assumeRolePolicy"], documents.TRUST)

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"uniqueId": f"AROA{seed.base32(17)}"}

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        path = inputs.get("path") or "/"
        return {
            "arn": identity.global_arn("iam", f"role{path}{inputs['name']}"),
            "path": path,
            "uniqueId": facts["uniqueId"],
            "maxSessionDuration": inputs.get("maxSessionDuration", 3600),
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("iam").create_role(
            Tags=tag_list(inputs),
            **given(
                inputs,
                RoleName="name",
                AssumeRolePolicyDocument="assumeRolePolicy",
                Description="description",
                Path="path",
                PermissionsBoundary="permissionsBoundary",
                MaxSessionDuration="maxSessionDuration",
            ),
        )
        return {"uniqueId": answer["Role"]["RoleId"]}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        iam, name = aws.client("iam"), inputs["name"]
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=inputs["assumeRolePolicy"])
        iam.update_role(
            RoleName=name,
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
        )
        if boundary := inputs.get("permissionsBoundary"):
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
        elif old.get("permissionsBoundary"):
            iam.delete_role_permissions_boundary(RoleName=name)
        if gone := gone_tags(inputs, old):
            iam.untag_role(RoleName=name, TagKeys=gone)
        iam.tag_role(RoleName=name, Tags=tag_list(inputs))

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        role = aws.client("iam").get_role(RoleName=inputs["name"])["Role"]
        return {
            "assumeRolePolicy": documents.canonical(role["AssumeRolePolicyDocument"]),
            "description": role.get("Description"),
            "path": role["Path"],
            "permissionsBoundary": role.get("PermissionsBoundary", {}).get(
                "PermissionsBoundaryArn"
            ),
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
        }

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        role = aws.client("iam").get_role(RoleName=inputs["name"])["Role"]
        return {"uniqueId": role["RoleId"]}, tag_map(role.get("Tags"))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        iam, name = aws.client("iam"), inputs["name"]
        if inputs.get("forceDetachPolicies"):
            for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
                iam.detach_role_policy(RoleName=name, PolicyArn=one["PolicyArn"])
        iam.delete_role(RoleName=name)


class Policy(Handler):
    """A managed policy."""

    token = "aws:iam/policy:Policy"
    known = names("name namePrefix policy description path delayAfterPolicyCreationInMs")
    replaced_by = names("name path description")
    tagged = True
    unstated = {"description": "", "path": "/"}
    named_by = "name"
    name_pattern = LONG_NAME

    def validate(self, inputs: Facts) -> None:
        inputs["policy"] = documents.policy(inputs["policy"], documents.MANAGED)

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"policyId": f"ANPA{seed.base32(17)}"}

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(self.outputs(inputs, facts, identity)["arn"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        path = inputs.get("path") or "/"
        return {
            "arn": identity.global_arn("iam", f"policy{path}{inputs['name']}"),
            "path": path,
            "policyId": facts["policyId"],
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("iam").create_policy(
            Tags=tag_list(inputs),
            **given(
                inputs,
                PolicyName="name",
                PolicyDocument="policy",
                Description="description",
                Path="path",
            ),
        )
        return {"policyId": answer["Policy"]["PolicyId"]}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        iam, arn = aws.client("iam"), self.identify(inputs, facts, aws.identity)
        if old.get("policy") != inputs["policy"]:
            self._make_room_for_version(aws, arn)
            iam.create_policy_version(
                PolicyArn=arn, PolicyDocument=inputs["policy"], SetAsDefault=True
            )
        if gone := gone_tags(inputs, old):
            iam.untag_policy(PolicyArn=arn, TagKeys=gone)
        iam.tag_policy(PolicyArn=arn, Tags=tag_list(inputs))

    def imported(self, id_: str) -> tuple[Facts, Facts]:
        path, _, name = id_.partition(":policy")[2].rpartition("/")
        return {"name": name, "path": f"{path}/"}, {}

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        iam, arn = aws.client("iam"), self.identify(inputs, facts, aws.identity)
        policy = iam.get_policy(PolicyArn=arn)["Policy"]
        version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])
        return {
            "policy": documents.canonical(version["PolicyVersion"]["Document"]),
            "description": policy.get("Description"),
        }

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {"policyId": ""}, aws.identity)["arn"]
        policy = aws.client("iam").get_policy(PolicyArn=arn)["Policy"]
        return {"policyId": policy["PolicyId"]}, tag_map(policy.get("Tags"))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        iam, arn = aws.client("iam"), self.identify(inputs, facts, aws.identity)
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=arn)

    def _make_room_for_version(self, aws: Aws, arn: str) -> None:
        # A managed policy keeps at most five versions.
        iam = aws.client("iam")
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        spare = [one["VersionId"] for one in versions if not one["IsDefaultVersion"]]
        if len(versions) >= 5:
            oldest = min(spare, key=lambda version: int(version.removeprefix("v")))
            iam.delete_policy_version(PolicyArn=arn, VersionId=oldest)


class RolePolicyAttachment(PutHandler):
    """A managed policy on a role."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    known = names("role policyArn")
    replaced_by = known

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return f"{inputs['role']}-{str(inputs['policyArn']).rsplit('/', 1)[-1]}"

    def imported(self, id_: str) -> tuple[Facts, Facts]:
        role, _, arn = id_.partition("/")
        return {"role": role, "policyArn": arn}, {}

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts | None:
        pages = aws.client("iam").get_paginator("list_attached_role_policies")
        attached = [
            one["PolicyArn"]
            for page in pages.paginate(RoleName=inputs["role"])
            for one in page["AttachedPolicies"]
        ]
        return {} if inputs["policyArn"] in attached else None

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("iam").detach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])


class RolePolicy(PutHandler):
    """An inline policy of a role."""

    token = "aws:iam/rolePolicy:RolePolicy"
    known = names("role policy name namePrefix")
    replaced_by = names("role name")
    named_by = "name"
    name_pattern = LONG_NAME

    def validate(self, inputs: Facts) -> None:
        inputs["policy"] = documents.policy(inputs["policy"], documents.INLINE)

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return f"{inputs['role']}:{inputs['name']}"

    def imported(self, id_: str) -> tuple[Facts, Facts]:
        role, _, name = id_.partition(":")
        return {"role": role, "name": name}, {}

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        answer = aws.client("iam").get_role_policy(
            RoleName=inputs["role"], PolicyName=inputs["name"]
        )
        return {"policy": documents.canonical(answer["PolicyDocument"])}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("iam").put_role_policy(
            RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
        )

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("iam").delete_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"])


HANDLERS = (Role(), Policy(), RolePolicyAttachment(), RolePolicy())
