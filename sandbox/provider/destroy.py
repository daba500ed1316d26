"""Removes a project's workspace from the sandbox, but not the data it holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sandbox.provider.access import answering, loopback
from sandbox.provider.crud import Accesses, Crud
from sandbox.provider.errors import ProviderError
from sandbox.provider.layers import Estate
from sandbox.provider.program import Stack
from sandbox.provider.state import Record, StateStore, reverse_dependency_order

# How to remove by hand what a destroy keeps.
REMOVALS = {
    "aws:s3/bucket:Bucket": (
        "delete every object version in it, then aws s3api delete-bucket --bucket {id}"
    ),
    "aws:kms/key:Key": "aws kms schedule-key-deletion --key-id {id}",
    "aws:ecr/repository:Repository": "aws ecr delete-repository --force --repository-name {id}",
    "aws:cloudwatch/logGroup:LogGroup": "aws logs delete-log-group --log-group-name {id}",
    "aws:sagemaker/domain:Domain": (
        "aws sagemaker delete-domain --domain-id {id} --retention-policy HomeEfsFileSystem=Delete"
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": (
        "aws sagemaker delete-model-package-group --model-package-group-name {id}"
    ),
}


@dataclass(frozen=True)
class Kept:
    """A resource that outlives its stack."""

    type: str
    id: str

    @property
    def removal(self) -> str | None:
        """How to remove it by hand; None for a setting, which goes with what it belongs to."""
        known = REMOVALS.get(self.type)
        return known.format(id=self.id) if known else None


@dataclass(frozen=True)
class DestroyResult:
    """How many resources went, and which stayed."""

    stack: str
    deleted: int
    kept: tuple[Kept, ...]


def destroy(project_file: Path, env: str, endpoint_url: str | None) -> DestroyResult:
    """Delete a workspace's resources, dependents first, except protected and retained ones."""
    estate = Estate.of(project_file)
    layers = estate.layers(env)
    endpoint = loopback(endpoint_url)
    with answering(endpoint):
        stack, store = layers.workspace, StateStore(endpoint)
        with store.locked(stack.program.name, stack.name, layers.account_id):
            return _destroy(stack, layers.account_id, store, Crud(Accesses(endpoint)))


def _destroy(stack: Stack, account: str, store: StateStore, crud: Crud) -> DestroyResult:
    state = store.find(stack.program.name, stack.name, account)
    if state is None:
        raise ProviderError(f"the stack {stack.name} does not exist in this sandbox")
    counts: Counter[str] = Counter()
    kept = []
    try:
        while state.leftovers:
            crud.delete(state.leftovers[-1])
            state.leftovers.pop()
        for record in reverse_dependency_order(state.resources):
            if record.protect or record.retain:
                kept.append(Kept(record.type, str(record.outputs.get("id"))))
                continue
            if record.custom:
                crud.delete(record)
                counts["deleted"] += 1
            del state.resources[record.urn]
    finally:
        store.save(state)
    if not any(_holds_data(record) for record in state.resources.values()):
        store.forget(state)
    return DestroyResult(stack.name, counts["deleted"], tuple(kept[::-1]))


def _holds_data(record: Record) -> bool:
    return record.protect or record.retain
