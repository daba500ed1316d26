"""Stand-ins: a versioned object store and a registry in memory, and who may read what of them."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from modelyard.aws import Place
from modelyard.project import Project

BEGIN = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)


@dataclass
class Stored:
    """One version of an object, or a delete marker where `body` is None."""

    body: bytes | None
    version_id: str
    modified: datetime


class NoSuchKey(ClientError):  # noqa: N818 (boto3's name)
    """What a client raises for an object that is not there."""


@dataclass
class Store:
    """S3 with versions; keys that begin with `denied` ("bucket/prefix") are refused."""

    objects: dict[tuple[str, str], list[Stored]] = field(default_factory=dict)
    denied: set[str] = field(default_factory=set)
    now: datetime = BEGIN
    exceptions: ClassVar[Any] = SimpleNamespace(NoSuchKey=NoSuchKey)

    def put(self, bucket: str, key: str, document: Any) -> None:
        """Stores JSON, or the bytes as they are."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.put_object(Bucket=bucket, Key=key, Body=body)

    def put_object(self, **wanted: Any) -> None:
        self.now += timedelta(seconds=1)
        versions = self.objects.setdefault((wanted["Bucket"], wanted["Key"]), [])
        versions.append(Stored(wanted["Body"], f"v{len(versions) + 1}", self.now))

    def delete(self, bucket: str, key: str) -> None:
        """What DeleteObject does in a bucket with versions."""
        self.objects[bucket, key].append(Stored(None, "marker", self.now))

    def lose(self, bucket: str, key: str) -> None:
        """What Object Lock prevents: the object and its versions are gone."""
        del self.objects[bucket, key]

    def get_object(self, **wanted: Any) -> dict[str, Any]:
        bucket, key = wanted["Bucket"], wanted["Key"]
        self._refuse("GetObject", f"{bucket}/{key}")
        versions = self.objects.get((bucket, key), [])
        chosen = [one for one in versions if wanted.get("VersionId") in (None, one.version_id)]
        if not chosen or chosen[-1].body is None:
            raise NoSuchKey({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        found = chosen[-1]
        assert found.body is not None
        return {
            "Body": _Body(found.body),
            "VersionId": found.version_id,
            "LastModified": found.modified,
        }

    def list_objects_v2(self, **wanted: Any) -> dict[str, Any]:
        self._refuse("ListObjectsV2", f"{wanted['Bucket']}/")
        contents, prefixes = [], set()
        for key, versions in self._below(wanted["Bucket"], wanted["Prefix"]):
            head, delimiter, _ = key.removeprefix(wanted["Prefix"]).partition("/")
            if wanted.get("Delimiter") and delimiter:
                prefixes.add(f"{wanted['Prefix']}{head}/")
            elif versions[-1].body is not None:
                contents.append({"Key": key, "LastModified": versions[-1].modified})
        return {"Contents": contents, "CommonPrefixes": [{"Prefix": one} for one in prefixes]}

    def list_object_versions(self, **wanted: Any) -> dict[str, Any]:
        self._refuse("ListObjectVersions", f"{wanted['Bucket']}/versions")
        found: dict[str, list[Any]] = {"Versions": [], "DeleteMarkers": []}
        for key, versions in self._below(wanted["Bucket"], wanted["Prefix"]):
            for one in versions:
                kind = "DeleteMarkers" if one.body is None else "Versions"
                about: dict[str, Any] = {"VersionId": one.version_id, "LastModified": one.modified}
                about["Size"] = len(one.body or b"")
                found[kind].append({"Key": key, **about})
        return found

    def get_paginator(self, operation: str) -> Any:
        def pages(**wanted: Any) -> Iterator[Any]:
            yield getattr(self, operation)(**wanted)

        return type("Paginator", (), {"paginate": staticmethod(pages)})

    def _below(self, bucket: str, prefix: str) -> list[tuple[str, list[Stored]]]:
        return sorted(
            (key, versions)
            for (where, key), versions in self.objects.items()
            if where == bucket and key.startswith(prefix)
        )

    def _refuse(self, operation: str, path: str) -> None:
        if any(path.startswith(one) for one in self.denied):
            raise _error(operation, "AccessDenied")


class _Body(io.BytesIO):
    def iter_chunks(self, size: int) -> Iterator[bytes]:
        while chunk := self.read(size):
            yield chunk


@dataclass
class Registry:
    """SageMaker as far as a dossier asks it."""

    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def describe_model_package(self, ModelPackageName: str) -> Any:  # noqa: N803
        if ModelPackageName not in self.packages:
            text = f"ModelPackage {ModelPackageName} does not exist."
            raise _error("DescribeModelPackage", "ValidationException", text)
        return self.packages[ModelPackageName]

    def list_model_packages(self, **_: Any) -> Any:
        return {"ModelPackageSummaryList": list(self.packages.values())}

    def describe_pipeline_execution(self, PipelineExecutionArn: str) -> Any:  # noqa: N803
        if PipelineExecutionArn not in self.runs:
            raise _error("DescribePipelineExecution", "ResourceNotFound")
        return self.runs[PipelineExecutionArn]

    def list_pipeline_execution_steps(self, PipelineExecutionArn: str, **_: Any) -> Any:  # noqa: N803
        return {"PipelineExecutionSteps": self.runs[PipelineExecutionArn].get("Steps", [])}

    def list_pipeline_parameters_for_execution(self, PipelineExecutionArn: str) -> Any:  # noqa: N803
        return {"PipelineParameters": self.runs[PipelineExecutionArn].get("Parameters", [])}

    def describe_training_job(self, TrainingJobName: str) -> Any:  # noqa: N803
        if TrainingJobName not in self.jobs:
            raise _error("DescribeTrainingJob", "AccessDeniedException")
        return self.jobs[TrainingJobName]

    get_paginator = Store.get_paginator


def place_of(
    project: Project, store: Store, sagemaker: Registry, environment: str = "dev", **more: Any
) -> Place:
    """A place whose clients are the stand-ins."""
    clients: dict[tuple[str, str], Any] = {}
    for stated in project.environments.values():
        clients["s3", stated.region] = store
        clients["sagemaker", stated.region] = sagemaker
        clients.update({(service, stated.region): client for service, client in more.items()})
    return Place(project, environment, clients)  # type: ignore[arg-type]


def _error(operation: str, code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message or code}}, operation)


def record(number: int, **content: Any) -> Mapping[str, Any]:
    """A record that was written in that minute."""
    return {"time": f"2026-01-02T03:{number:02d}:00+00:00", **content}
