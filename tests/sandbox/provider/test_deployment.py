"""Applying is safe: it converges after failures, keeps what is protected, names what is wrong."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.provider.errors import (
    ProtectedResourceError,
    ProviderError,
    RefusedError,
    StackMissingError,
    UnknownValueError,
    UnsupportedTypeError,
)
from sandbox.provider.program import Program
from tests.sandbox.provider.conftest import PROGRAMS, Sandbox, Write

pytestmark = pytest.mark.timeout(60)

PREAMBLE = """
import json
import pulumi
import pulumi_aws as aws

config = pulumi.Config()
account = config.require("account")
provider = aws.Provider(
    "aws",
    region="us-east-1",
    allowed_account_ids=[account],
    default_tags=aws.ProviderDefaultTagsArgs(tags=dict(project="fixture")),
)


def options(**more):
    return pulumi.ResourceOptions(provider=provider, **more)


def topic(name, **more):
    return aws.sns.Topic(name, name=name, opts=options(**more))

"""

DYING_APPLY = """
import os
import signal
import sys
from pathlib import Path

from sandbox.provider.apply import apply_stack
from sandbox.provider.crud import Accesses, Crud
from sandbox.provider.program import Program, Stack
from sandbox.provider.state import StateStore

url, account, folder = sys.argv[1:]
create, made = Crud.create, []


def dying(self, *args):
    made.append(1)
    if len(made) == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    return create(self, *args)


Crud.create = dying
program = Program(Path(folder))
config = {f"{program.name}:account": account, f"{program.name}:variant": "first"}
stack = Stack(program, "test", config)
apply_stack(stack, account, StateStore(url), Crud(Accesses(url)), (account,))
"""


def test_half_failed_apply_converges(sandbox: Sandbox, write_program: Write) -> None:
    broken = write_program(
        PREAMBLE + "first = topic('first')\n"
        "first.arn.apply(lambda arn: [][0])\n"
        "topic('second', depends_on=[first])\n"
    )
    with pytest.raises(IndexError):
        sandbox.apply(broken)

    mended = write_program(PREAMBLE + "topic('second', depends_on=[topic('first')])\n")
    result = sandbox.apply(mended)

    assert result.counts["unchanged"] >= 1
    assert sum(result.counts.values()) == 2
    assert sandbox.apply(mended).counts == {"unchanged": 2}


def test_resource_that_a_killed_apply_left_behind_is_adopted(
    sandbox: Sandbox, write_program: Write
) -> None:
    program = write_program(
        PREAMBLE + "aws.cloudwatch.LogGroup('logs', name='/left', retention_in_days=7,"
        " opts=options())\n"
    )
    sandbox.client("logs").create_log_group(logGroupName="/left", tags={"project": "fixture"})

    sandbox.apply(program)

    groups = sandbox.client("logs").describe_log_groups(logGroupNamePrefix="/left")["logGroups"]
    assert groups[0]["retentionInDays"] == 7


def test_resource_of_somebody_else_is_not_adopted(sandbox: Sandbox, write_program: Write) -> None:
    program = write_program(
        PREAMBLE + "aws.cloudwatch.LogGroup('logs', name='/theirs', opts=options())\n"
    )
    sandbox.client("logs").create_log_group(logGroupName="/theirs", tags={"project": "other"})

    with pytest.raises(ProviderError, match="LogGroup::logs: it exists already and is not this"):
        sandbox.apply(program)


def test_resource_removed_by_hand_comes_back_with_its_next_change(
    sandbox: Sandbox, write_program: Write
) -> None:
    source = PREAMBLE + "aws.sqs.Queue('q', name='q', delay_seconds={}, opts=options())\n"
    sandbox.apply(write_program(source.format(1)))
    sqs = sandbox.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="q")["QueueUrl"])

    sandbox.apply(write_program(source.format(2)))

    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert attributes["Attributes"] == {"DelaySeconds": "2"}


def test_protected_resource_is_never_replaced(sandbox: Sandbox, write_program: Write) -> None:
    source = PREAMBLE + "aws.sns.Topic('t', name='{}', opts=options(protect=True))\n"
    sandbox.apply(write_program(source.format("before")))

    with pytest.raises(ProtectedResourceError, match=r"Topic::t is protected and a new name"):
        sandbox.apply(write_program(source.format("after")))

    topics = sandbox.client("sns").list_topics()["Topics"]
    assert [one["TopicArn"].split(":")[-1] for one in topics] == ["before"]


def test_protected_resource_is_never_deleted(sandbox: Sandbox, write_program: Write) -> None:
    sandbox.apply(write_program(PREAMBLE + "topic('t', protect=True)\n"))

    with pytest.raises(ProtectedResourceError, match="the program no longer has it"):
        sandbox.apply(write_program(PREAMBLE))


def test_retained_resource_outlives_the_program(sandbox: Sandbox, write_program: Write) -> None:
    sandbox.apply(write_program(PREAMBLE + "topic('t', retain_on_delete=True)\n"))

    result = sandbox.apply(write_program(PREAMBLE))

    assert "deleted" not in result.counts
    assert len(sandbox.client("sns").list_topics()["Topics"]) == 1


def test_alias_keeps_a_renamed_resource(sandbox: Sandbox, write_program: Write) -> None:
    source = PREAMBLE + "aws.ec2.Vpc('{}', cidr_block='10.0.0.0/16', opts=options({}))\n"
    sandbox.apply(write_program(source.format("old", "")))

    aliased = "aliases=[pulumi.Alias(name='old')]"
    result = sandbox.apply(write_program(source.format("new", aliased)))

    assert result.counts == {"unchanged": 1}


def test_ignored_change_is_left_alone(sandbox: Sandbox, write_program: Write) -> None:
    source = PREAMBLE + (
        "aws.sns.Topic('t', name='t', display_name='{}',"
        " opts=options(ignore_changes=['displayName']))\n"
    )
    sandbox.apply(write_program(source.format("one")))

    assert sandbox.apply(write_program(source.format("two"))).counts == {"unchanged": 1}


def test_automatic_name_stays_the_same(sandbox: Sandbox, write_program: Write) -> None:
    source = PREAMBLE + (
        "pulumi.export('name', aws.sns.Topic('t', display_name='{}', opts=options()).name)\n"
    )
    first = sandbox.apply(write_program(source.format("one"))).outputs["name"]
    second = sandbox.apply(write_program(source.format("two"))).outputs["name"]

    assert first == second
    assert first.startswith("t-")
    assert len(first) == len("t-") + 7


def test_stack_reads_the_exports_of_another(sandbox: Sandbox, write_program: Write) -> None:
    sandbox.apply(write_program(PREAMBLE + "pulumi.export('arn', topic('t').arn)\n"), "one")

    reader = write_program(
        "import pulumi\n"
        "other = pulumi.StackReference('organization/fixture/one')\n"
        "pulumi.export('read', other.require_output('arn'))\n"
    )

    assert sandbox.apply(reader, "two").outputs["read"].endswith(":t")


def test_missing_stack_is_named(sandbox: Sandbox, write_program: Write) -> None:
    reader = write_program("import pulumi\npulumi.StackReference('organization/fixture/none')\n")

    with pytest.raises(StackMissingError, match="fixture/none has not been applied"):
        sandbox.apply(reader)


def test_unsupported_type_is_named_with_its_urn(sandbox: Sandbox, write_program: Write) -> None:
    program = write_program(PREAMBLE + "aws.ec2.InternetGateway('door', opts=options())\n")

    with pytest.raises(UnsupportedTypeError, match=r"internetGateway:InternetGateway.*::door"):
        sandbox.apply(program)


def test_unsupported_input_is_named(sandbox: Sandbox, write_program: Write) -> None:
    program = write_program(
        PREAMBLE + "aws.s3.Bucket('b', acceleration_status='Enabled', opts=options())\n"
    )

    with pytest.raises(RefusedError, match="does not carry out accelerationStatus"):
        sandbox.apply(program)


def test_output_that_nobody_supplies_is_named(sandbox: Sandbox, write_program: Write) -> None:
    program = write_program(
        PREAMBLE + "first = topic('first')\n"
        "aws.sns.Topic('second', display_name=first.beginning_archive_time, opts=options())\n"
    )

    with pytest.raises(
        UnknownValueError, match=r"displayName of .*second .*beginning_archive_time of .*::first"
    ):
        sandbox.apply(program)


def test_duplicate_urn_is_refused(sandbox: Sandbox, write_program: Write) -> None:
    program = write_program(PREAMBLE + "topic('t')\ntopic('t')\n")

    with pytest.raises(ProviderError, match=r"two resources have the URN .*Topic::t"):
        sandbox.apply(program)


def test_resource_without_provider_is_refused_where_defaults_are_off(
    sandbox: Sandbox, write_program: Write
) -> None:
    program = write_program("import pulumi_aws as aws\naws.sns.Topic('t')\n")
    file = program.root / "Pulumi.yaml"
    file.write_text(file.read_text() + 'config:\n  pulumi:disable-default-providers: ["aws"]\n')

    with pytest.raises(ProviderError, match="names no provider"):
        sandbox.apply(program)


def test_provider_stays_out_of_accounts_it_is_not_allowed(
    sandbox: Sandbox, write_program: Write
) -> None:
    program = write_program(
        "import pulumi\nimport pulumi_aws as aws\n"
        "role = aws.ProviderAssumeRoleArgs(role_arn='arn:aws:iam::111111111111:role/deployer')\n"
        "provider = aws.Provider('aws', allowed_account_ids=['222222222222'],"
        " assume_roles=[role])\n"
        "aws.sns.Topic('t', opts=pulumi.ResourceOptions(provider=provider))\n"
    )

    with pytest.raises(ProviderError, match="111111111111, which is not among"):
        sandbox.apply(program)


def test_secret_is_in_no_state_in_clear(sandbox: Sandbox, write_program: Write) -> None:
    source = PREAMBLE + (
        "hidden = config.require_secret('password')\n"
        "p = aws.ssm.Parameter('p', name='/p', type='SecureString', value=hidden,"
        " opts=options())\n"
        "pulumi.export('hidden', p.value)\n"
    )
    program = write_program(source)
    sandbox.apply(program, password="correct horse")
    changed = sandbox.apply(program, password="battery staple")

    stored = sandbox.state(program).as_json()
    value = sandbox.client("ssm").get_parameter(Name="/p", WithDecryption=True)
    assert changed.counts == {"changed": 1}
    assert value["Parameter"]["Value"] == "battery staple"
    assert "correct horse" not in stored
    assert "battery staple" not in stored
    assert "hidden" not in changed.outputs


def test_mistake_of_a_user_is_one_line(sandbox: Sandbox, write_program: Write) -> None:
    program = write_program("import pulumi\npulumi.Config().require('colour')\n")

    with pytest.raises(ProviderError, match="colour"):
        sandbox.apply(program)


def test_server_that_dies_meanwhile_is_one_line(write_program: Write, root: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "serve", "--port", "0"],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    sandbox = Sandbox(server.stdout.readline().split()[4], "123456789012")
    program = write_program(
        PREAMBLE + "import os\nimport signal\n"
        f"topic('t').arn.apply(lambda arn: os.kill({server.pid}, signal.SIGKILL))"
        ".apply(lambda _: topic('u'))\n"
    )

    with pytest.raises(ProviderError, match="Topic::u: "):
        sandbox.apply(program)
    server.wait(20)


def test_killed_apply_converges_on_the_next(sandbox: Sandbox) -> None:
    program = Program(PROGRAMS / "network")
    arguments = [sandbox.url, sandbox.account, str(PROGRAMS / "network")]
    killed = subprocess.run([sys.executable, "-c", DYING_APPLY, *arguments])

    result = sandbox.apply(program, variant="first")

    vpcs = sandbox.client("ec2").describe_vpcs(Filters=[{"Name": "tag:variant", "Values": ["*"]}])
    assert killed.returncode == -signal.SIGKILL
    assert result.counts["unchanged"] >= 1
    assert len(vpcs["Vpcs"]) == 1
    assert set(sandbox.apply(program, variant="first").counts) == {"unchanged"}


def test_second_apply_of_a_stack_at_once_is_refused(sandbox: Sandbox, write_program: Write) -> None:
    program = write_program(PREAMBLE + "topic('t')\n")

    with (
        sandbox.store.locked(program.name, "test", sandbox.account),
        pytest.raises(ProviderError, match=r"the stack test is being changed by process \d+"),
    ):
        sandbox.apply(program)

    assert sandbox.apply(program).counts == {"created": 1}


def test_resource_lies_in_the_region_it_names(sandbox: Sandbox, write_program: Write) -> None:
    source = PREAMBLE + "aws.sns.Topic('t', name='t', region='{}', opts=options())\n"
    sandbox.apply(write_program(source.format("eu-west-1")))

    moved = sandbox.apply(write_program(source.format("eu-central-1")))

    assert moved.counts == {"replaced": 1}
    assert sandbox.client("sns").list_topics()["Topics"] == []


def test_renamed_resource_without_an_alias_is_refused(
    sandbox: Sandbox, write_program: Write
) -> None:
    source = PREAMBLE + "aws.sns.Topic('{}', name='same', opts=options())\n"
    sandbox.apply(write_program(source.format("before")))

    with pytest.raises(RefusedError, match=r"::after: the stack has it already as .*::before"):
        sandbox.apply(write_program(source.format("after")))

    assert sandbox.apply(write_program(source.format("before"))).counts == {"unchanged": 1}
