"""The rules as Pulumi's engine asks them: over gRPC, of a policy pack in a process of its own."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.guardrails.catalogue import all_rules
from policies.guardrails.pack import IN_STACK, NAME
from tests.policies.guardrails.twins import TWINS, Twin

if TYPE_CHECKING:
    from tests.policies.guardrails.conftest import Entry

PACK = Path(__file__).resolve().parents[3] / "policies" / "guardrails"
MANDATORY = analyzer_pb2.EnforcementLevel.MANDATORY


@dataclass(frozen=True)
class Pack:
    """A running policy pack, asked as the engine asks."""

    stub: Any

    def reported(self, graph: Mapping[str, Entry]) -> set[str]:
        """The rules that stop a deployment of these resources."""
        answers = [self.stub.Analyze(one_by_one(each)) for each in graph.values()]
        answers.append(self.stub.AnalyzeStack(together(graph)))
        found = [each for answer in answers for each in answer.diagnostics]
        assert [each for each in found if each.enforcementLevel != MANDATORY] == []
        return {each.policyName.removesuffix(IN_STACK) for each in found}


def one_by_one(entry: Entry) -> Any:
    """What the engine sends before it makes a resource: its inputs."""
    return analyzer_pb2.AnalyzeRequest(
        type=entry["type"],
        urn=entry["urn"],
        name=entry["name"],
        properties=wire(entry["inputs"]),
        options=analyzer_pb2.AnalyzerResourceOptions(protect=entry["protect"]),
    )


def together(graph: Mapping[str, Entry]) -> Any:
    """What the engine sends about a whole stack: inputs and outputs."""
    return analyzer_pb2.AnalyzeStackRequest(
        resources=[
            analyzer_pb2.AnalyzerResource(
                type=entry["type"],
                urn=entry["urn"],
                name=entry["name"],
                parent=entry["parent"] or "",
                properties=wire({**entry["outputs"], **entry["inputs"]}),
                options=analyzer_pb2.AnalyzerResourceOptions(protect=entry["protect"]),
            )
            for entry in graph.values()
        ]
    )


def wire(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct


def started(dry_run: str) -> Iterator[Pack]:
    environment = {
        **os.environ,
        "PULUMI_PROJECT": "modelyard",
        "PULUMI_STACK": "loans.dev",
        "PULUMI_ORGANIZATION": "organization",
        "PULUMI_DRY_RUN": dry_run,
    }
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:0", str(PACK)],
        cwd=PACK,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    assert port.isdigit(), "the pack did not start"
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Pack(analyzer_pb2_grpc.AnalyzerStub(channel))
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def update() -> Iterator[Pack]:
    """The pack during `pulumi up`."""
    yield from started("false")


@pytest.fixture(scope="module")
def preview() -> Iterator[Pack]:
    """The pack during `pulumi preview`."""
    yield from started("true")


def test_pack_tells_the_engine_every_rule(update: Pack) -> None:
    info = update.stub.GetAnalyzerInfo(empty_pb2.Empty())
    told = {each.name.removesuffix(IN_STACK): each for each in info.policies}
    assert info.name == NAME
    assert set(told) == {rule.id for rule in all_rules()}
    assert {each.enforcementLevel for each in told.values()} == {MANDATORY}
    assert all(each.remediation_steps and each.description for each in told.values())


def test_good_graph_passes(update: Pack, preview: Pack, good: Mapping[str, Entry]) -> None:
    assert update.reported(good) == set()
    assert preview.reported(good) == set()


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: f"{twin.rule}: {twin.what}")
def test_engine_reports_what_the_graph_check_reports(
    update: Pack, good: Mapping[str, Entry], twin: Twin
) -> None:
    broken = twin.of(good)
    touched = {urn: each for urn, each in broken.items() if each != good.get(urn)}
    answers = [update.stub.Analyze(one_by_one(each)) for each in touched.values()]
    answers.append(update.stub.AnalyzeStack(together(broken)))
    found = {each.policyName.removesuffix(IN_STACK) for one in answers for each in one.diagnostics}
    assert found == {twin.rule}


def test_unknown_exposure_stops_a_preview(preview: Pack, good: Mapping[str, Entry]) -> None:
    graph = unknown(good, "bucketPublicAccessBlock:", "blockPublicPolicy")
    assert preview.reported(graph) == {"public-access"}


def test_unknown_name_of_a_bucket_stops_a_preview(preview: Pack, good: Mapping[str, Entry]) -> None:
    found = preview.reported(unknown(good, "aws:s3/bucket:", "bucket"))
    assert {"customer-key", "public-access", "tls-only", "versioning"} <= found


def test_document_that_awaits_an_arn_does_not_stop_a_preview(
    preview: Pack, update: Pack, good: Mapping[str, Entry]
) -> None:
    graph = unknown(good, "topicPolicy:", "policy")
    assert preview.reported(graph) == set()
    assert update.reported(graph) == {"public-access", "tls-only"}


def unknown(good: Mapping[str, Entry], type_: str, name: str) -> dict[str, Entry]:
    """The good graph with a property of one kind of resource unknown."""
    graph = copy.deepcopy(dict(good))
    for each in graph.values():
        if type_ in each["type"]:
            each["inputs"][name] = rpc.UNKNOWN
            each["outputs"].pop(name, None)
    return graph


def test_pack_states_its_toolchain() -> None:
    stated = yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text())
    assert stated["name"] == NAME
    assert stated["runtime"] == {
        "name": "python",
        "options": {"toolchain": "pip", "virtualenv": "../../.venv"},
    }
