"""The pipelines that follow a release: monitoring, and batch scoring where that is the mode.

Each is pinned to the released image and model; SageMaker keeps its earlier definitions.
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions import batch_definition, monitor_definition
from modelyard.functions.approval import Approved
from modelyard.functions.service import split_uri

_BUILDERS = {"monitor": monitor_definition.definition, "batch": batch_definition.definition}


def upsert(session: Any, facts: Mapping[str, str], package: Approved) -> list[str]:
    """Creates or updates the environment's pipelines for a released version; their names."""
    prefix = f"{facts['project']}-{facts['environment']}"
    kinds = ["monitor", *(["batch"] if json.loads(facts["serving"])["mode"] == "batch" else [])]
    definitions = {f"{prefix}-{kind}": _BUILDERS[kind](facts, package) for kind in kinds}
    sagemaker = session.client("sagemaker")
    for name, definition in definitions.items():
        _upsert(sagemaker, name, definition, facts, package)
    if "batch" in kinds:
        _mark(session.client("s3"), facts)
    return list(definitions)


def _mark(s3: Any, facts: Mapping[str, str]) -> None:
    """Makes the batch folders exist: SageMaker fails a job that has nothing under an input."""
    for uri in batch_definition.markers(facts):
        bucket, key = split_uri(uri)
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=b"",
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=facts["key_arn"],
        )


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
