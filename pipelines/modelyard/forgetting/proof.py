"""The proof of a deletion: counts, places and versions; of the person nothing but a keyed hash."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from modelyard.aws import Place, caller
from modelyard.evidence.reader import Reader
from modelyard.forgetting.learned import Learned
from modelyard.forgetting.objects import Search
from modelyard.forgetting.person import proof_hash
from modelyard.project import DataSet
from modelyard.pseudonyms import Pseudonyms

FOLDER = "reports/deletions/"
BUILDING = "dev"


def told_before(s3: Any, bucket: str, named: str, search: Search) -> list[Learned]:
    """Models that earlier proofs name for the same person: their data do not show it any more."""
    reader, found = Reader(), dict[int, Learned]()
    for proof in reader.folder(s3, bucket, FOLDER, "earlier proofs"):
        if proof.content.get("subject", {}).get("hmac_sha256") == named:
            for stated in proof.content.get("models", ()):
                splits = tuple(stated["splits"])
                found[stated["version"]] = Learned(**{**stated, "splits": splits, "answering": ()})
    search.missed += reader.gaps
    return list(found.values())


def record(
    place: Place,
    subject: str,
    datasets: Sequence[str],
    search: Search,
    models: Sequence[Learned],
    key: Pseudonyms | None,
    now: datetime,
) -> dict[str, Any]:
    """What was done, as it is kept; a file's name is told without the person's."""

    def told(text: str) -> str:
        return text.replace(subject, "(the person)")

    return {
        "schema_version": 1,
        "time": now.astimezone(UTC).isoformat(timespec="seconds"),
        "project": place.project.name,
        "environment": place.environment,
        "decided_as": caller(place),
        "subject": ({"hmac_sha256": proof_hash(subject, key), "key_id": key.key_id} if key else {}),
        "datasets": list(datasets),
        "rows": sum(one.rows for one in search.removals),
        "objects": [
            {
                "uri": told(one.uri),
                "rows": one.rows,
                "versions_removed": list(one.versions),
                "kept_as": one.kept_as,
            }
            for one in search.removals
        ],
        "models": [one.document for one in models],
        "not_reached": [
            told(sentence) for sentence in [*search.missed, *search.unseen, *_beyond(place, models)]
        ],
    }


def _beyond(place: Place, models: Sequence[Learned]) -> Iterator[str]:
    """What a search of this environment cannot reach, as sentences."""
    if place.environment == BUILDING:
        for environment in ("staging", "prod"):
            yield f"{environment}: run `modelyard data forget --env {environment}` there"
        yield from _elsewhere(place.project.data)
    for model in models:
        if "test" in model.splits:
            yield (
                f"version {model.version}: its golden predictions may hold the person's features, "
                "without a name; they go with the model"
            )
        if "train" in model.splits:
            yield f"version {model.version}: what the model learned stays in it until it is retired"


def _elsewhere(datasets: Sequence[DataSet]) -> Iterator[str]:
    """Rows that left for, or came from, another project: its steward forgets them there."""
    for dataset in datasets:
        for borrower in dataset.shared_with:
            yield (
                f"{borrower.project} in {borrower.account} borrows {dataset.name}: its data "
                "steward has to forget the person too"
            )
        if dataset.origin is not None:
            yield (
                f"{dataset.source}: the rows are {dataset.origin.project}'s; its data steward has "
                "to forget the person there, or later runs read them again"
            )
