"""SSM parameters."""

from __future__ import annotations

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Values,
    given,
    gone_tags,
    names,
    tag_list,
    tag_map,
)
from sandbox.provider.identity import Identity, Seed

STANDARD_LIMIT = 4096
ADVANCED_LIMIT = 8192


class Parameter(Handler):
    """One parameter."""

    token = "aws:ssm/parameter:Parameter"
    known = names(
        "name type value insecureValue description keyId overwrite tier dataType allowedPattern"
    )
    replaced_by = names("name dataType")
    tagged = True
    named_by = "name"
    unstated = {"tier": "Standard", "dataType": "text", "keyId": "alias/aws/ssm", "description": ""}
    name_pattern = r"[a-zA-Z0-9_.\-/]{1,1011}"

    def validate(self, inputs: Facts) -> None:
        limit = ADVANCED_LIMIT if inputs.get("tier") == "Advanced" else STANDARD_LIMIT
        value = str(_value(inputs))
        if not value:
            raise RefusedError(
                f"the parameter {inputs['name']} is empty; SSM stores no empty value"
            )
        if len(value.encode()) > limit:
            raise RefusedError(f"the parameter {inputs['name']} is larger than {limit} bytes")

    def invent(self, inputs: Values, seed: Seed, identity: Identity) -> Facts:
        return {"version": 1}

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("ssm", f"parameter/{str(inputs['name']).lstrip('/')}"),
            "version": facts["version"],
            "dataType": inputs.get("dataType") or "text",
            "tier": inputs.get("tier") or "Standard",
            **({"value": _value(inputs)} if "insecureValue" in inputs else {}),
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        overwrite = {"Overwrite": True} if inputs.get("overwrite") else {"Tags": tag_list(inputs)}
        answer = aws.client("ssm").put_parameter(**_request(inputs), **overwrite)
        return {"version": answer["Version"]}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> Facts:
        ssm, name = aws.client("ssm"), inputs["name"]
        answer = ssm.put_parameter(**_request(inputs), Overwrite=True)
        if gone := gone_tags(inputs, old):
            ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=name, TagKeys=gone)
        ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=tag_list(inputs))
        return {"version": answer["Version"]}

    def live(self, aws: Aws, inputs: Values, facts: Values) -> Facts:
        name = inputs["name"]
        ssm = aws.client("ssm")
        value = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        only = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
        told = ssm.describe_parameters(ParameterFilters=only)["Parameters"][0]
        return {
            "insecureValue" if "insecureValue" in inputs else "value": value["Value"],
            "type": value["Type"],
            "description": told.get("Description"),
            "keyId": told.get("KeyId"),
            "allowedPattern": told.get("AllowedPattern"),
            "tier": told.get("Tier", "Standard"),
            "dataType": value.get("DataType", "text"),
        }

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        ssm, name = aws.client("ssm"), inputs["name"]
        version = ssm.get_parameter(Name=name)["Parameter"]["Version"]
        answer = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
        return {"version": version}, tag_map(answer["TagList"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("ssm").delete_parameter(Name=inputs["name"])


def _value(inputs: Values) -> object:
    return inputs.get("value") or inputs.get("insecureValue") or ""


def _request(inputs: Values) -> Facts:
    return {
        "Value": _value(inputs),
        **given(
            inputs,
            Name="name",
            Type="type",
            Description="description",
            KeyId="keyId",
            Tier="tier",
            DataType="dataType",
            AllowedPattern="allowedPattern",
        ),
    }


HANDLERS = (Parameter(),)
