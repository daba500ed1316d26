"""The pipelines that follow a release: monitoring, and batch scoring where that is the mode.

Each is pinned to the released image and model; SageMaker keeps its earlier definitions.
"""

import json
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions.approval import Approved


def upsert(session: Any, facts: Mapping[str, str], package: Approved) -> list[str]:
    """Creates or updates the environment's pipelines for a released version; their names."""
    prefix = f"{facts['project']}-{facts['environment']}"
    kinds = ["monitor", *(["batch"] if json.loads(facts["serving"])["mode"] == "batch" else [])]
    definitions = {
        f"{prefix}-{kind}": import_module(f"modelyard.functions.{kind}_definition").definition(
            facts, package
        )
        for kind in kinds
        if find_spec(f"modelyard.functions.{kind}_definition")
    }
    sagemaker = session.client("sagemaker")
    for name, definition in definitions.items():
        _upsert(sagemaker, name, definition, facts, package)
    return list(definitions)


def _upsert(
    sagemaker: Any,
    name: str,
    definition: Mapping[str, Any],
    facts: Mapping[str, str],
    package: Approved,
) -> None:
    wanted = {
        "PipelineName": name,
        "PipelineDefinition": json.dumps(definition, sort_keys=True),
        "PipelineDescription": f"Pinned to version {package.version} by its release",
        "RoleArn": facts["monitor_role"],
    }
    try:
        sagemaker.update_pipeline(**wanted)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFound":
            raise
        # A token that repeats: what an interrupted call created is found, not created twice.
        token = f"modelyard-{name}-first".ljust(32, "0")
        sagemaker.create_pipeline(**wanted, ClientRequestToken=token)
