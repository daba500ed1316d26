"""The plugin keeps to the protocol: instances, secrets, functions, refusals, installation."""

from __future__ import annotations

import importlib.metadata
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from sandbox.__main__ import main
from sandbox.provider.plugin.install import VERSION
from tests.sandbox.provider.conftest import Sandbox
from tests.sandbox.provider.plugin.conftest import (
    UNKNOWN,
    Engine,
    Resource,
    StartEngine,
    plain,
    struct,
)

pytestmark = pytest.mark.timeout(60)

SECRET = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "value": "correct horse",
}
PARAMETER = "aws:ssm/parameter:Parameter"


def test_version_is_that_of_the_library_the_programs_use() -> None:
    assert importlib.metadata.version("pulumi-aws") == VERSION


def test_plugin_says_which_version_it_plays(engine: Engine) -> None:
    assert engine.rpc.GetPluginInfo(empty_pb2.Empty()).version == VERSION
    engine.cancel()


def test_handshake_and_configure_leave_secrets_to_the_engine(engine: Engine) -> None:
    answer = engine.rpc.Handshake(provider_pb2.ProviderHandshakeRequest())
    configured = engine.rpc.Configure(provider_pb2.ConfigureRequest())

    assert not answer.accept_secrets
    assert not answer.accept_outputs
    assert not configured.acceptSecrets
    assert configured.supportsPreview


def test_secret_that_arrives_all_the_same_leaves_as_one(engine: Engine, sandbox: Sandbox) -> None:
    inputs = {"name": "/secret", "type": "SecureString", "value": SECRET}

    made = engine.create(PARAMETER, "p", inputs)

    stored = sandbox.client("ssm").get_parameter(Name="/secret", WithDecryption=True)
    assert stored["Parameter"]["Value"] == "correct horse"
    assert made.inputs["value"] == SECRET
    assert made.outputs["value"] == SECRET
    assert engine.diff(made, inputs).changes == 1


def test_unknown_type_is_a_failure_that_names_it(engine: Engine) -> None:
    with pytest.raises(ValueError, match="no handler for aws:chime/voice:Voice"):
        engine.check(Resource("aws:chime/voice:Voice", "v"), {})


def test_input_that_aws_refuses_is_a_failure(engine: Engine) -> None:
    with pytest.raises(ValueError, match="MalformedPolicyDocument"):
        engine.check(Resource("aws:iam/role:Role", "r"), {"assumeRolePolicy": "{}"})


def test_unknown_value_is_refused_outside_a_preview(engine: Engine) -> None:
    request = provider_pb2.CreateRequest(
        properties=struct({"name": "/p", "type": "String", "value": UNKNOWN}),
        **Resource(PARAMETER, "p").key,
    )

    with pytest.raises(grpc.RpcError, match=r"value of .*::p has no value"):
        engine.rpc.Create(request)


def test_what_aws_refuses_is_one_line_that_names_the_resource(engine: Engine) -> None:
    inputs = {"name": "/twice", "type": "String", "value": "1"}
    engine.create(PARAMETER, "first", inputs)

    with pytest.raises(grpc.RpcError) as refused:
        engine.create(PARAMETER, "second", inputs)

    assert "::second: " in refused.value.details()
    assert "ParameterAlreadyExists" in refused.value.details()


def test_creation_that_fails_half_way_is_told_with_its_state(engine: Engine) -> None:
    request = provider_pb2.CreateRequest(
        properties=struct({"enableKeyRotation": True, "rotationPeriodInDays": 1, "tagsAll": {}}),
        **Resource("aws:kms/key:Key", "k").key,
    )

    with pytest.raises(grpc.RpcError) as failed:
        engine.rpc.Create(request)

    metadata = {one.key: one.value for one in failed.value.trailing_metadata()}
    status = status_pb2.Status.FromString(metadata["grpc-status-details-bin"])
    kept = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(kept)
    assert kept.id == plain(kept.properties)["keyId"]
    assert "rotation" in kept.reasons[0].lower()


def test_instances_live_in_their_own_accounts(start_engine: StartEngine, account: str) -> None:
    other = str(int(account) + 50_000)
    first = start_engine(region="us-east-1", allowedAccountIds=[account])
    second = start_engine(region="eu-west-1", allowedAccountIds=[other])
    inputs = {"name": "/same", "type": "String", "value": "1"}

    arns = [one.create(PARAMETER, "p", inputs).outputs["arn"] for one in (first, second)]

    assert arns == [
        f"arn:aws:ssm:us-east-1:{account}:parameter/same",
        f"arn:aws:ssm:eu-west-1:{other}:parameter/same",
    ]


def test_resource_lies_in_the_region_it_names(engine: Engine, sandbox: Sandbox) -> None:
    inputs = {"name": "/far", "type": "String", "value": "1", "region": "eu-west-1"}

    made = engine.create(PARAMETER, "p", inputs)

    assert ":eu-west-1:" in made.outputs["arn"]
    assert engine.diff(made, {**inputs, "region": "us-east-1"}).replaces == ["region"]


def test_provider_that_contradicts_itself_is_refused(start_engine: StartEngine) -> None:
    role = {"roleArn": "arn:aws:iam::111111111111:role/deployer"}

    with pytest.raises(AssertionError, match="111111111111, which is not among"):
        start_engine(allowedAccountIds=["222222222222"], assumeRoles=[role])


@pytest.mark.parametrize(
    ("new", "replaces"),
    [
        ({"region": "us-east-1", "allowedAccountIds": '["111111111111"]'}, []),
        ({"region": "eu-west-1", "allowedAccountIds": '["111111111111"]'}, ["region"]),
        (
            {"region": "us-east-1", "allowedAccountIds": '["222222222222"]'},
            ["allowedAccountIds"],
        ),
    ],
    ids=["tags", "region", "account"],
)
def test_provider_that_moves_takes_its_resources_along(
    engine: Engine, new: dict[str, str], replaces: list[str]
) -> None:
    old = {"region": "us-east-1", "allowedAccountIds": '["111111111111"]'}
    request = provider_pb2.DiffRequest(
        old_inputs=struct(old),
        olds=struct(old),
        news=struct({**new, "defaultTags": '{"tags": {"a": "b"}}'}),
    )

    answer = engine.rpc.DiffConfig(request)

    assert list(answer.replaces) == replaces
    assert answer.changes == 2


def test_functions_answer_for_the_provider(engine: Engine, account: str) -> None:
    def call(token: str, **args: object) -> dict[str, object]:
        request = provider_pb2.InvokeRequest(tok=token, args=struct(args))
        return plain(getattr(engine.rpc.Invoke(request), "return"))

    document = call(
        "aws:iam/getPolicyDocument:getPolicyDocument",
        statements=[
            {
                "sid": "Read",
                "actions": ["s3:GetObject"],
                "resources": ["*"],
                "principals": [{"type": "AWS", "identifiers": ["111111111111"]}],
                "conditions": [{"test": "Bool", "variable": "aws:X", "values": ["true"]}],
            }
        ],
    )

    identity = call("aws:index/getCallerIdentity:getCallerIdentity")
    assert identity["accountId"] == account
    assert call("aws:index/getRegion:getRegion")["region"] == "us-east-1"
    assert call("aws:index/getPartition:getPartition")["partition"] == "aws"
    assert json.loads(str(document["json"])) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": "*",
                "Principal": {"AWS": "111111111111"},
                "Condition": {"Bool": {"aws:X": "true"}},
            }
        ],
    }


def test_other_functions_are_unimplemented(engine: Engine) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        engine.rpc.Invoke(provider_pb2.InvokeRequest(tok="aws:ec2/getAmi:getAmi"))

    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_plugin_without_a_sandbox_says_how_to_start_one(root: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "AWS_ENDPOINT_URL"}

    ended = subprocess.run(
        [sys.executable, "-m", "sandbox.provider.plugin"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("sandbox: AWS_ENDPOINT_URL is not set")


def test_command_installs_where_the_engine_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "from_environment"))

    assert main(["plugin", "install"]) == 0
    assert main(["plugin", "install", "--pulumi-home", str(tmp_path / "named")]) == 0

    for home in ("from_environment", "named"):
        launcher = tmp_path / home / "plugins" / f"resource-aws-v{VERSION}" / "pulumi-resource-aws"
        assert launcher.stat().st_mode & stat.S_IXUSR
