"""Transform jobs: what CreateTransformJob refuses and starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.compute.job_operations import begin, operations, require_new
from sandbox.compute.operations import Request, install_operations, invalid, unsupported
from sandbox.compute.record_path import PathError, check
from sandbox.compute.transform_job import TransformJob
from sandbox.compute.transform_records import CSV, JSON, JSON_LINES

if TYPE_CHECKING:
    from sandbox.runtime import Sandbox

LARGEST = 100  # MB in all requests under way at once


def create(request: Request) -> dict[str, Any]:
    """CreateTransformJob: refuse what AWS refuses, then run in the background."""
    require_new(request, TransformJob)
    model = request.get("ModelName")
    if model not in request.scope.backend._models:
        raise invalid(f'Could not find model "{request.scope.arn("model", model)}".')
    for what in _unsupported(request.parameters):
        raise unsupported(what)
    for fault in _faults(request.parameters):
        raise invalid(fault)
    return begin(request, TransformJob(request.scope, request.parameters))


def _unsupported(parameters: Mapping[str, Any]) -> Iterator[str]:
    data = parameters["TransformInput"]
    if parameters["TransformResources"]["InstanceCount"] != 1:
        yield "A transform job of more than one instance"
    if data.get("SplitType") in ("RecordIO", "TFRecord"):
        yield f"SplitType {data['SplitType']}"
    if data["DataSource"]["S3DataSource"]["S3DataType"] not in ("S3Prefix", "ManifestFile"):
        yield "TransformInput of another S3DataType than S3Prefix and ManifestFile"
    if parameters.get("DataCaptureConfig"):
        yield "DataCaptureConfig of a transform job"
    if parameters.get("MaxPayloadInMB") == 0:
        yield "MaxPayloadInMB 0 (a chunked payload of any size)"


def _faults(parameters: Mapping[str, Any]) -> Iterator[str]:
    """What "CreateTransformJob" and "Associate Prediction Results with Input Records" state."""
    size, parallel = parameters.get("MaxPayloadInMB", 6), parameters.get("MaxConcurrentTransforms")
    if size > LARGEST:
        yield f"MaxPayloadInMB must not be larger than {LARGEST}"
    if parallel and parallel * size > LARGEST:
        yield f"MaxConcurrentTransforms * MaxPayloadInMB must not be larger than {LARGEST} MB"
    data, output = parameters["TransformInput"], parameters["TransformOutput"]
    lines = data.get("SplitType", "None") == "Line"
    if parameters.get("BatchStrategy") and not lines:
        yield "BatchStrategy needs SplitType Line, RecordIO or TFRecord"
    given = parameters.get("DataProcessing") or {}
    paths = [given[name] for name in ("InputFilter", "OutputFilter") if name in given]
    if not paths and given.get("JoinSource", "None") == "None":
        return
    kind = data.get("ContentType")
    if kind not in (CSV, JSON, JSON_LINES) or output.get("Accept") != kind:
        yield (
            f"DataProcessing needs ContentType and Accept to be the same of {CSV}, {JSON} and "
            f"{JSON_LINES}"
        )
    joined = output.get("AssembleWith") == "Line"
    if kind in (CSV, JSON_LINES) and not (lines and joined):
        yield f"DataProcessing of {kind} needs SplitType Line and AssembleWith Line"
    for path in paths:
        try:
            check(path)
        except PathError as error:
            yield str(error)


def install(sandbox: Sandbox) -> None:
    """Replace moto's transform jobs, which complete without running anything."""
    install_operations(sandbox, operations(TransformJob, create))
