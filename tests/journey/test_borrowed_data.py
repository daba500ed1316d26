"""A data set registered once: another project trains on it by name, a third one cannot.

The page's own blocks are what the owner and the borrower write and type.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from sandbox.journey import server
from sandbox.journey.commands import JourneyError, clean_environment, run
from sandbox.journey.demo import generate
from sandbox.journey.stages import Journey

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "data.md"
BLOCK = re.compile(
    r"^<!-- (?P<who>owner|borrower) -->\n```(?P<kind>yaml|bash)\n(?P<text>.*?)^```$"
    r"(?:\n\n^```output\n(?P<output>.*?)^```$)?",
    re.MULTILINE | re.DOTALL,
)
BLOCKS = {(block["who"], block["kind"]): block for block in BLOCK.finditer(PAGE.read_text())}
LENDING, PRICING = "111111111111", "222222222222"
FOLDER = f"s3://lending-dev-raw-{LENDING}/applications/"


@dataclass(frozen=True)
class Loan:
    """A lender, its borrower, and a stranger in the borrower's account, all with a dev.

    Attributes:
        said: what the page's commands printed, by who typed them.
        package: the model that the borrower trained.
    """

    owner: Journey
    borrower: Journey
    stranger: Journey
    said: Mapping[str, str]
    package: str


@pytest.fixture(scope="module")
def loan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loan]:
    """The mortgage data, registered by lending, after pricing has trained on them."""
    place = tmp_path_factory.mktemp("loan")
    with server.serving(place) as url:
        yield lend(place, url)


def lend(place: Path, url: str) -> Loan:
    """Both sides do what the page says; the stranger minds data of its own."""
    owner = project(place, url, "Lending", LENDING, stated("owner"))
    (owner.repo / "data" / "loans.csv").rename(owner.repo / owner.project.dataset.source)
    owner.apply("dev")
    said = {"owner": typed(owner, "data-steward", "owner")}
    borrower = project(place, url, "Pricing", PRICING, stated("borrower"))
    shutil.rmtree(borrower.repo / "data")
    borrower.apply("dev")
    said["borrower"] = typed(borrower, "data-scientist", "borrower", borrower.push_image())
    stranger = project(place, url, "Claims", PRICING)
    stranger.apply("dev")
    stranger.publish(stranger.push_image())
    return Loan(owner, borrower, stranger, said, newest(borrower)["ModelPackageArn"])


def project(place: Path, url: str, name: str, account: str, data: Any = None) -> Journey:
    """A model repo from the template, all of it in one account; with other data sets if given."""
    repo = generate(place, name)
    change(repo, account, data)
    run(["make", "setup"], repo, clean_environment({}))
    journey = Journey(repo, url)
    journey.modelyard(journey.root("dev"), "render")
    return journey


def change(repo: Path, account: str, data: Any) -> None:
    """Restate where a project lives, and its data sets if given."""
    file = repo / "project.yaml"
    document = yaml.safe_load(file.read_text())
    for at in document["environments"].values():
        at["account"] = account
    document["data"] = data or document["data"]
    file.write_text(yaml.safe_dump(document, sort_keys=False))


def stated(who: str) -> Any:
    """The data sets of the page's project.yaml."""
    return yaml.safe_load(BLOCKS[who, "yaml"]["text"])["data"]


def typed(journey: Journey, persona: str, who: str, image: str = "") -> str:
    """What the page's commands print where that person types them."""
    variables = {
        **journey.environment(journey.session("dev", persona)),
        "IMAGE": image,
        "PATH": f"{journey.repo / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    ran = subprocess.run(
        ["bash", "-euc", BLOCKS[who, "bash"]["text"]],
        cwd=journey.repo, env=variables, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def newest(journey: Journey) -> dict[str, Any]:
    """The last model version of a project; empty before there is any."""
    found = journey.client(journey.root("dev"), "sagemaker").list_model_packages(
        ModelPackageGroupName=journey.project.name, SortBy="CreationTime", SortOrder="Descending"
    )["ModelPackageSummaryList"]
    return dict(found[0]) if found else {}


def versions(journey: Journey) -> dict[str, str]:
    """The S3 version of each file in a project's raw bucket."""
    bucket = f"{journey.project.name}-dev-raw-{journey.project.environments['dev'].account}"
    listed = journey.client(journey.root("dev"), "s3").list_object_versions(Bucket=bucket)
    return {f"s3://{bucket}/{one['Key']}": one["VersionId"] for one in listed.get("Versions", ())}


@pytest.mark.parametrize("who", ["owner", "borrower"])
def test_page_shows_what_the_commands_print(loan: Loan, who: str) -> None:
    shown = BLOCKS[who, "bash"]["output"].splitlines()
    assert [line for line in shown if not printed(line, loan.said[who])] == []


def printed(shown: str, said: str) -> bool:
    """Whether a line of the page, in which dots stand for anything, is among what was said."""
    pattern = ".*".join(map(re.escape, shown.split("...")))
    return re.search(rf"^{pattern}$", said, re.MULTILINE) is not None


def test_borrowers_evidence_names_the_owners_files_and_versions(loan: Loan) -> None:
    metadata = loan.borrower.package(loan.package)["CustomerMetadataProperties"]
    recorded = json.loads(loan.borrower.read(metadata["dataset_versions"]))["files"]
    owners = versions(loan.owner)
    assert {one["uri"]: one["version_id"] for one in recorded} == owners
    assert list(owners) == [f"{FOLDER}applications.csv"]


def test_borrower_keeps_no_copy_of_the_files(loan: Loan) -> None:
    assert versions(loan.borrower) == {}


@pytest.mark.parametrize("persona", ["data-scientist", "data-steward", "auditor"])
def test_people_of_the_borrower_read_no_row(loan: Loan, persona: str) -> None:
    s3 = loan.borrower.client(loan.borrower.session("dev", persona), "s3")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=f"lending-dev-raw-{LENDING}", Key="applications/applications.csv")


def test_run_of_a_project_that_is_not_entitled_is_denied(loan: Loan) -> None:
    """Its pipeline asks for the files by their address, in the borrower's own account."""
    scientist = loan.stranger.session("dev", "data-scientist")
    sagemaker = loan.stranger.client(scientist, "sagemaker")
    arn = sagemaker.start_pipeline_execution(
        PipelineName="claims-dev-train",
        PipelineParameters=[{"Name": "DataUri", "Value": FOLDER}],
    )["PipelineExecutionArn"]
    (failed,) = failures(sagemaker, arn)
    assert failed["StepName"] == "Prepare"
    assert "AccessDenied" in failed["FailureReason"]
    assert newest(loan.stranger) == {}


def failures(sagemaker: Any, arn: str) -> list[dict[str, Any]]:
    """The steps on which a run failed, once it ended."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)[
            "PipelineExecutionStatus"
        ] in ("Failed", "Succeeded"):
            break
        time.sleep(0.5)
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
    return [one for one in steps["PipelineExecutionSteps"] if one["StepStatus"] == "Failed"]


def test_workspace_of_a_project_that_is_not_entitled_names_whom_to_ask(
    loan: Loan, tmp_path: Path
) -> None:
    repo = Path(shutil.copytree(loan.stranger.repo, tmp_path / "claims", symlinks=True))
    change(repo, PRICING, stated("borrower"))
    with pytest.raises(JourneyError) as refused:
        Journey(repo, loan.stranger.url).apply("dev")
    assert "lending does not share 'applications' with claims" in str(refused.value)
    assert f'`shared_with: [{{project: claims, account: "{PRICING}"}}]`' in str(refused.value)


def test_owner_who_stops_sharing_is_obeyed_at_once(loan: Loan) -> None:
    """The last test: afterwards nothing is lent."""
    (lent,) = stated("owner")
    del lent["shared_with"]
    change(loan.owner.repo, LENDING, [lent])
    loan.owner.apply("dev")
    with pytest.raises(JourneyError, match="lending may have stopped sharing it; ask its owners"):
        loan.borrower.train()
    assert newest(loan.borrower)["ModelPackageArn"] == loan.package
