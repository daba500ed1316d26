"""Puts the committed pipeline definition into an account: bound to its workspace and one image."""

import json
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from modelyard import loans
from modelyard.definition import FINGERPRINT, fingerprint
from modelyard.definition_check import validate
from modelyard.errors import DefinitionError
from modelyard.functions.job_contract import NOBODY
from modelyard.project import Project
from modelyard.provenance import FILE, Provenance
from modelyard.workspace import Workspace

_IMAGE = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")


def committed(file: Path, project: Project) -> dict[str, Any]:
    """The definition that was rendered, reviewed and committed; refused when stale or broken."""
    try:
        definition = json.loads(file.read_text(encoding="utf-8"))
        rendered_from = definition["Metadata"][FINGERPRINT]
    except FileNotFoundError:
        raise DefinitionError(f"{file}: no such file; run `make render` and commit it") from None
    except (ValueError, TypeError, KeyError):
        raise DefinitionError(
            f"{file}: is not a rendered pipeline; run `make render` and commit it"
        ) from None
    if rendered_from != fingerprint(project):
        raise DefinitionError(
            f"{file}: was rendered from another project.yaml; run `make render` and commit it"
        )
    problems = validate(definition)
    if problems:
        raise DefinitionError("\n".join(f"{file}: {problem}" for problem in problems))
    return dict(definition)


def facts(project: Project, workspace: Workspace, image: str, commit: str) -> dict[str, str]:
    """A value for each parameter of the definition."""
    if not _IMAGE.fullmatch(image):
        raise DefinitionError(f"--image {image}: write REPOSITORY@sha256:DIGEST, never a tag")
    if image.split("@")[0] != workspace.repository_uri:
        raise DefinitionError(
            f"--image {image}: is not in this project's repository {workspace.repository_uri}"
        )
    return {
        "PipelineRole": workspace.pipeline_role,
        "RegistrarFunction": workspace.registrar_function,
        "ImageUri": image,
        "CodeCommit": commit,
        "DataUri": loans.folder(project.dataset, workspace),
        "ChampionUri": f"s3://{workspace.bucket_artifacts}/runs/{NOBODY}/",
        "KeyArn": workspace.key_arn,
        "SubnetA": workspace.subnet_a,
        "SubnetB": workspace.subnet_b,
        "SecurityGroup": workspace.security_group,
        "ArtifactsBucket": workspace.bucket_artifacts,
        "RawBucket": workspace.bucket_raw,
    }


def bind(definition: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The definition with a default for every parameter, so that a scheduled run needs none.

    A Lambda step's FunctionArn becomes a literal: whether SageMaker resolves a parameter there is
    not documented, and a run's starter must not choose who registers.
    """
    function = {"Get": "Parameters.RegistrarFunction"}
    bound = _replaced(definition, function, values["RegistrarFunction"])
    missing = [item["Name"] for item in bound["Parameters"] if item["Name"] not in values]
    if missing:
        raise DefinitionError(f"the definition asks for unknown parameters: {', '.join(missing)}")
    bound["Parameters"] = [
        {**item, "DefaultValue": values[item["Name"]]}
        for item in bound["Parameters"]
        if item["Name"] != "RegistrarFunction"
    ]
    bound["Metadata"] = {}
    problems = validate(bound)
    if problems:
        raise DefinitionError("\n".join(problems))
    return dict(bound)


def _replaced(value: Any, old: Any, new: Any) -> Any:
    if value == old:
        return new
    if isinstance(value, Mapping):
        return {key: _replaced(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, old, new) for item in value]
    return value


def upsert(sagemaker: Any, name: str, role: str, definition: Mapping[str, Any], title: str) -> str:
    """Creates or updates the pipeline and returns its ARN."""
    wanted = {
        "PipelineName": name,
        "PipelineDefinition": json.dumps(definition, sort_keys=True),
        "PipelineDescription": title,
        "RoleArn": role,
    }
    try:
        sagemaker.describe_pipeline(PipelineName=name)
    except sagemaker.exceptions.ResourceNotFound:
        return str(sagemaker.create_pipeline(**wanted)["PipelineArn"])
    return str(sagemaker.update_pipeline(**wanted)["PipelineArn"])


def origin(repo: Path) -> dict[str, str]:
    """What a pipeline was published from, by the tag's key: the repo, and what it follows."""
    stated = Provenance.read(repo) if (repo / FILE).exists() else None
    return {
        "modelyard-version": version("modelyard"),
        "repository": _address(repo) or "unknown",
        "template-version": (stated and stated.version) or "unknown",
        "template-commit": (stated and stated.commit) or "unknown",
    }


def _address(repo: Path) -> str:
    """Where the repo can be cloned, without anybody's token; empty where git knows of nowhere."""
    command = ["git", "-C", str(repo), "remote", "get-url", "origin"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return re.sub(r"^(https?://)[^/@]*@", r"\1", told.stdout.strip()) if not told.returncode else ""


def tag(sagemaker: Any, arn: str, tags: Mapping[str, str]) -> None:
    """Says on the pipeline where it comes from, at its first publication as at any."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    sagemaker.add_tags(ResourceArn=arn, Tags=pairs)
