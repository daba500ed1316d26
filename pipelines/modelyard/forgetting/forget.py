"""A deletion request from beginning to end, in one environment, and the proof of it.

Data for modelling lie in dev, captured predictions where models serve: a person is forgotten
environment by environment, by that environment's data steward.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.aws import Place
from modelyard.errors import ModelyardError
from modelyard.evidence.chain import append
from modelyard.forgetting.learned import PREPARED, Learned, answering, learned
from modelyard.forgetting.objects import Search
from modelyard.forgetting.person import Person, person, proof_hash
from modelyard.forgetting.proof import BUILDING, FOLDER, record, told_before
from modelyard.project import DataSet
from modelyard.pseudonym_store import KeyStore
from modelyard.pseudonyms import Pseudonyms
from modelyard.workspace import Workspace

_CAPTURED = "capture/"


class ForgetError(ModelyardError):
    """A request that cannot be carried out as it is stated."""


@dataclass(frozen=True)
class Request:
    """Who is to be forgotten, in which data sets; a dry run only says what would happen."""

    subject: str
    datasets: Sequence[DataSet]
    dry_run: bool


@dataclass(frozen=True)
class Outcome:
    """What was found and done; `proof` is empty in a dry run."""

    search: Search
    models: Sequence[Learned]
    record: Mapping[str, Any]
    proof: str = ""


def chosen(place: Place, name: str | None) -> list[DataSet]:
    """The data sets a request is about: all, or the one named; each must say whom it is about."""
    found = [one for one in place.project.data if name in (None, one.name)]
    if not found:
        known = ", ".join(one.name for one in place.project.data)
        raise ForgetError(f"there is no data set {name}; known: {known}")
    for dataset in found:
        if dataset.subject_column is None:
            raise ForgetError(
                f"data set {dataset.name} does not say whom its rows are about: "
                "state its 'subject' column in project.yaml"
            )
    return found


def forget(place: Place, request: Request, now: datetime) -> Outcome:
    """Finds the person everywhere in an environment, removes the rows and leaves the proof."""
    workspace = place.workspace()
    s3 = place.client("s3")
    store = KeyStore(s3, workspace.bucket_artifacts, workspace.key_arn)
    key = _proof_key(store, request.dry_run, now)
    search = Search(s3, workspace.key_arn, request.dry_run)
    people = {
        dataset.name: _person(request.subject, dataset, store.all()) for dataset in request.datasets
    }
    if place.environment == BUILDING:
        for dataset in request.datasets:
            _in_data(search, workspace, dataset, people[dataset.name])
    model = people.get(place.project.dataset.name)
    if model is not None:
        _in_runs(search, workspace, place, model)
        search.forget(workspace.bucket_predictions, _CAPTURED, model)
        search.forget(
            workspace.bucket_predictions, "", model, lambda key: not key.startswith(_CAPTURED)
        )
    models = _models(place, search, workspace, proof_hash(request.subject, key) if key else "")
    names = [dataset.name for dataset in request.datasets]
    told = record(place, request.subject, names, search, models, key, now)
    if key is None or request.dry_run:
        return Outcome(search, models, told)
    name = f"{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}.json"
    link = append(s3, workspace.bucket_evidence, FOLDER, name, told, workspace.key_arn)
    return Outcome(search, models, told, link["uri"])


def _proof_key(store: KeyStore, dry_run: bool, now: datetime) -> Pseudonyms | None:
    """The key by which proofs name a person; a dry run makes none."""
    current = store.current()
    if current is None and not dry_run:
        current = store.make(now)
    return None if current is None else Pseudonyms.parse(current)


def _person(subject: str, dataset: DataSet, keys: Sequence[Pseudonyms]) -> Person:
    column = dataset.subject_column or ""
    other_key = dataset.row_key if dataset.row_key != column else None
    return person(subject, [column], keys, other_key)


def _in_data(search: Search, workspace: Workspace, dataset: DataSet, who: Person) -> None:
    search.forget(workspace.bucket_raw, f"{dataset.name}/", who)
    search.forget(workspace.bucket_curated, f"{dataset.name}/", who)


def _in_runs(search: Search, workspace: Workspace, place: Place, who: Person) -> None:
    """What runs made of the data: refused rows, and the prepared ones."""
    if place.environment != BUILDING:
        return
    search.forget(workspace.bucket_raw, "quarantine/", who)
    search.forget(
        workspace.bucket_artifacts, "runs/", who, lambda key: PREPARED.match(key) is not None
    )


def _models(place: Place, search: Search, workspace: Workspace, named: str) -> list[Learned]:
    """Models that learned from the person, by the data found now and by earlier proofs."""
    if place.environment != BUILDING:
        return []
    try:
        found = learned(place, search.removals)
    except ClientError as error:
        search.missed.append(f"the model registry: {error.response['Error']['Code']}")
        return []
    known = {one.version for one in found}
    before = told_before(place.client("s3"), workspace.bucket_evidence, named, search)
    models = [*found, *(one for one in before if one.version not in known)]
    live = answering(place, search.unseen) if models else {}
    return [replace(one, answering=tuple(live.get(one.version, ()))) for one in models]
