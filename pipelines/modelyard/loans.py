"""Data sets that another project owns: where they lie, and what it means when one is refused."""

from collections.abc import Mapping
from typing import Any

from modelyard.errors import WorkspaceError
from modelyard.project import DataSet
from modelyard.workspace import Workspace


def loan(dataset: DataSet, workspace: Workspace) -> Mapping[str, Any]:
    """The owner's terms as applied; WorkspaceError where project.yaml is ahead of them."""
    stated: Mapping[str, Any] = workspace.borrowed.get(dataset.name, {})
    origin = dataset.origin
    if origin is None or stated.get("source") != str(origin):
        raise WorkspaceError(
            f"data set {dataset.name}: the workspace does not know it as {dataset.source}; apply "
            f"it with `pulumi up --stack {workspace.project}.{workspace.environment}`"
        )
    return stated


def folder(dataset: DataSet, workspace: Workspace) -> str:
    """Where a data set's files lie: in our raw bucket, or where its owner keeps them."""
    if dataset.origin is None:
        return f"s3://{workspace.bucket_raw}/{dataset.name}/"
    return str(loan(dataset, workspace)["uri"])


def ended(dataset: DataSet, reason: str) -> str:
    """What to do when a job was refused the data of another project; empty for another failure."""
    refused = any(word in reason for word in ("AccessDenied", "Access Denied", "403 Forbidden"))
    if dataset.origin is None or not refused:
        return ""
    return (
        f"{dataset.source} cannot be read: {dataset.origin.project} may have stopped sharing it; "
        "ask its owners, and apply this project's dev again, which names what they have to write"
    )
