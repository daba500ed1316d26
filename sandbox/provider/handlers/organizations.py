"""Organizations: policies over accounts, and which accounts they cover."""

from __future__ import annotations

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers import documents
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Values,
    given,
    gone_tags,
    names,
    tag_list,
)
from sandbox.provider.identity import Identity, Seed

SERVICE_CONTROL = documents.Kind("service control policy", 5120, principal=False, resource=True)


class Policy(Handler):
    """A policy of the organization."""

    token = "aws:organizations/policy:Policy"
    known = names("name description content type skipDestroy")
    replaced_by = names("type")
    tagged = True
    named_by = "name"
    name_pattern = r".{1,128}"

    def validate(self, inputs: Facts) -> None:
        if inputs.setdefault("type", "SERVICE_CONTROL_POLICY") != "SERVICE_CONTROL_POLICY":
            raise RefusedError(f"the sandbox knows no organization policy of type {inputs['type']}")
        inputs["content"] = documents.policy(inputs["content"], SERVICE_CONTROL)

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"id": f"p-{seed.hex(8)}", "organization": f"o-{seed.hex(10, 'organization')}"}

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return str(facts["id"])

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        where = f"policy/{facts['organization']}/service_control_policy/{facts['id']}"
        return {"arn": identity.global_arn("organizations", where)}

    def create(self, aws: Aws, inputs: Values) -> Facts:
        answer = aws.client("organizations").create_policy(
            Name=inputs["name"],
            Description=inputs.get("description") or "",
            Content=inputs["content"],
            Type=inputs["type"],
            Tags=tag_list(inputs),
        )
        summary = answer["Policy"]["PolicySummary"]
        return {"id": summary["Id"], "organization": summary["Arn"].split("/")[1]}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        organizations = aws.client("organizations")
        organizations.update_policy(
            PolicyId=facts["id"],
            **given(inputs, Name="name", Description="description", Content="content"),
        )
        if gone := gone_tags(inputs, old):
            organizations.untag_resource(ResourceId=facts["id"], TagKeys=gone)
        organizations.tag_resource(ResourceId=facts["id"], Tags=tag_list(inputs))

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        if not inputs.get("skipDestroy"):
            aws.client("organizations").delete_policy(PolicyId=facts["id"])


class PolicyAttachment(Handler):
    """A policy over a root, a unit or an account."""

    token = "aws:organizations/policyAttachment:PolicyAttachment"
    known = names("policyId targetId skipDestroy")
    replaced_by = names("policyId targetId")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return f"{inputs['targetId']}:{inputs['policyId']}"

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("organizations").attach_policy(
            PolicyId=inputs["policyId"], TargetId=inputs["targetId"]
        )
        return {}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        if not inputs.get("skipDestroy"):
            aws.client("organizations").detach_policy(
                PolicyId=inputs["policyId"], TargetId=inputs["targetId"]
            )


HANDLERS: tuple[Handler, ...] = (Policy(), PolicyAttachment())
