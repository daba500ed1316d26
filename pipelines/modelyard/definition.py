"""Renders the build pipeline of a project.

Pure in effect: no network, no account, no clock; the same project gives the same bytes anywhere.
"""

import hashlib
import json
from typing import Any
from unittest.mock import patch

from modelyard.errors import DefinitionError
from modelyard.functions import job_contract as jobs
from modelyard.offline import offline
from modelyard.project import Project

# Workspace facts and what `publish` adds; none has a default in the committed definition.
PARAMETERS = (
    "PipelineRole",
    "RegistrarFunction",
    "ImageUri",
    "CodeCommit",
    "DataUri",
    "ChampionUri",
    "KeyArn",
    "SubnetA",
    "SubnetB",
    "SecurityGroup",
    "ArtifactsBucket",
    "RawBucket",
)
# Metadata that tells a stale definition from a current one; `publish` drops it.
FINGERPRINT = "modelyard:project"


def pipeline_name(project: Project) -> str:
    """The build pipeline lives in dev, where the registry is."""
    return f"{project.name}-dev-train"


def job_name(project: Project, step: str) -> str:
    """What the names of a step's jobs begin with, as policies name them."""
    return f"{project.name}-dev-{step.lower()}"


def fingerprint(project: Project) -> str:
    """Identifies what the definition is rendered from, so that a stale one is noticed."""
    # When it runs by itself is the workspace's to know, and the threads are the jobs'.
    training = project.training.model_dump(mode="json", exclude={"retrain", "threads"})
    source: dict[str, Any] = {"name": project.name, "training": training}
    if project.dataset.pseudonymise:
        source["pseudonyms"] = True
    if project.dataset.retained_from:
        source["retention"] = True
    return hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()


def render(project: Project) -> str:
    """The pipeline definition as JSON text, sorted and indented, with a trailing newline."""
    with offline(project.environments["dev"].region) as session:
        try:
            with _settings_taken_as_valid():
                from modelyard.definition_author import Author

                definition = Author(project, session).definition()
        except ImportError as error:
            raise DefinitionError(
                f"rendering needs the SageMaker SDK ({error}): "
                f"install it with `pip install 'modelyard[authoring]'`"
            ) from None
    return json.dumps(_finished(definition, project), indent=2, sort_keys=True) + "\n"


def _settings_taken_as_valid() -> Any:
    """The SDK checks its settings, here our own constant, some sixty times: 4 s of the render."""
    import jsonschema

    return patch.object(jsonschema, "validate", lambda *_, **__: None)


def _finished(definition: dict[str, Any], project: Project) -> dict[str, Any]:
    """The definition without the SDK's nulls, with what it cannot express and where it is from."""
    steps = {step["Name"]: step["Arguments"] for step in definition["Steps"]}
    train = steps[jobs.TRAIN]
    train["TrainingJobName"] = job_name(project, jobs.TRAIN)
    # The SDK adds the time to a name and takes it off again, but not at round tenths of a second.
    for step in (jobs.PREPARE, jobs.EVALUATE):
        steps[step]["ProcessingJobName"] = job_name(project, step)
    train["RoleArn"] = {"Get": "Parameters.PipelineRole"}
    definition["Metadata"] = {FINGERPRINT: fingerprint(project)}
    return _without_nulls(definition)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
