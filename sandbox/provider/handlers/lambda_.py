"""Lambda functions, who may invoke them, and what becomes of their failures."""

from __future__ import annotations

from typing import Any

from sandbox.provider.errors import RefusedError
from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    PutHandler,
    Values,
    capitalised,
    given,
    gone_tags,
    names,
)
from sandbox.provider.identity import Identity

# Lambda's quota for the environment variables of a function, in bytes.
ENVIRONMENT_LIMIT = 4096
CONFIGURATION = {
    "FunctionName": "name",
    "Role": "role",
    "Handler": "handler",
    "Runtime": "runtime",
    "Description": "description",
    "Timeout": "timeout",
    "MemorySize": "memorySize",
    "KMSKeyArn": "kmsKeyArn",
    "Layers": "layers",
}


class Function(Handler):
    """A function from a zip."""

    token = "aws:lambda/function:Function"
    known = names(
        "name role handler runtime code sourceCodeHash description timeout memorySize kmsKeyArn "
        "layers environment deadLetterConfig tracingConfig vpcConfig architectures packageType "
        "ephemeralStorage loggingConfig reservedConcurrentExecutions publish"
    )
    replaced_by = names("name packageType")
    tagged = True
    named_by = "name"
    name_pattern = r"[a-zA-Z0-9-_]{1,64}"

    def validate(self, inputs: Facts) -> None:
        if not inputs.get("code"):
            raise RefusedError(f"the function {inputs['name']} has no code archive")
        variables = (inputs.get("environment") or {}).get("variables") or {}
        size = sum(len(f"{key}{value}".encode()) for key, value in variables.items())
        if size > ENVIRONMENT_LIMIT:
            raise RefusedError(f"{size} bytes of environment variables; Lambda allows 4096")

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        arn = identity.arn("lambda", f"function:{inputs['name']}")
        gateway = f"arn:{identity.partition}:apigateway:{identity.region}:lambda:path/2015-03-31"
        return {
            "arn": arn,
            "qualifiedArn": f"{arn}:$LATEST",
            "invokeArn": f"{gateway}/functions/{arn}/invocations",
            "version": "$LATEST",
            "codeSha256": inputs["code"].code_sha256,
            "sourceCodeSize": len(inputs["code"].data),
            "timeout": inputs.get("timeout", 3),
            "memorySize": inputs.get("memorySize", 128),
            "architectures": inputs.get("architectures") or ["x86_64"],
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("lambda").create_function(
            Code={"ZipFile": inputs["code"].data},
            Tags=dict(inputs["tagsAll"]),
            **_configuration(inputs),
            **given(inputs, Architectures="architectures", Publish="publish"),
        )
        return {}

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        reserved = inputs.get("reservedConcurrentExecutions")
        if reserved is not None and reserved >= 0:
            aws.client("lambda").put_function_concurrency(
                FunctionName=inputs["name"], ReservedConcurrentExecutions=reserved
            )

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        client, name = aws.client("lambda"), inputs["name"]
        client.update_function_code(FunctionName=name, ZipFile=inputs["code"].data)
        client.update_function_configuration(**_configuration(inputs))
        arn = self.outputs(inputs, facts, aws.identity)["arn"]
        if gone := gone_tags(inputs, old):
            client.untag_resource(Resource=arn, TagKeys=gone)
        client.tag_resource(Resource=arn, Tags=dict(inputs["tagsAll"]))
        self.settle(aws, inputs, facts)

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        found = aws.client("lambda").get_function(FunctionName=inputs["name"])
        return {}, dict(found.get("Tags") or {})

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("lambda").delete_function(FunctionName=inputs["name"])


class Permission(Handler):
    """Who may invoke a function."""

    token = "aws:lambda/permission:Permission"
    known = names(
        "action function principal sourceArn sourceAccount statementId statementIdPrefix "
        "qualifier principalOrgId"
    )
    replaced_by = known
    named_by = "statementId"
    name_pattern = r"[a-zA-Z0-9-_]{1,100}"

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("lambda").add_permission(
            **given(
                inputs,
                FunctionName="function",
                StatementId="statementId",
                Action="action",
                Principal="principal",
                SourceArn="sourceArn",
                SourceAccount="sourceAccount",
                Qualifier="qualifier",
                PrincipalOrgID="principalOrgId",
            )
        )
        return {}

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        # A statement has no tags; it belongs to whoever owns its function.
        return {}, {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        self.delete(aws, inputs, facts)
        self.create(aws, inputs)

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("lambda").remove_permission(
            **given(
                inputs, FunctionName="function", StatementId="statementId", Qualifier="qualifier"
            )
        )


class EventInvokeConfig(PutHandler):
    """How often a failed asynchronous call is retried, and where it goes then."""

    token = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
    known = names(
        "functionName qualifier destinationConfig maximumEventAgeInSeconds maximumRetryAttempts"
    )
    replaced_by = names("functionName qualifier")

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        qualifier = f":{inputs['qualifier']}" if inputs.get("qualifier") else ""
        return f"{inputs['functionName']}{qualifier}"

    def settle(self, aws: Aws, inputs: Values, facts: Values) -> None:
        request = given(
            inputs,
            FunctionName="functionName",
            Qualifier="qualifier",
            MaximumEventAgeInSeconds="maximumEventAgeInSeconds",
            MaximumRetryAttempts="maximumRetryAttempts",
        )
        if inputs.get("destinationConfig"):
            request["DestinationConfig"] = capitalised(inputs["destinationConfig"])
        aws.client("lambda").put_function_event_invoke_config(**request)

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("lambda").delete_function_event_invoke_config(
            **given(inputs, FunctionName="functionName", Qualifier="qualifier")
        )


def _configuration(inputs: Values) -> dict[str, Any]:
    request = given(inputs, **CONFIGURATION)
    if inputs.get("environment"):
        request["Environment"] = {"Variables": dict(inputs["environment"].get("variables") or {})}
    if inputs.get("vpcConfig"):
        request["VpcConfig"] = {
            "SubnetIds": inputs["vpcConfig"].get("subnetIds") or [],
            "SecurityGroupIds": inputs["vpcConfig"].get("securityGroupIds") or [],
        }
    for name in ("deadLetterConfig", "tracingConfig", "ephemeralStorage", "loggingConfig"):
        if inputs.get(name):
            request[name[:1].upper() + name[1:]] = capitalised(inputs[name])
    return request


HANDLERS = (Function(), Permission(), EventInvokeConfig())
