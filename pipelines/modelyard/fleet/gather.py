"""Asks every account for its lists, all at once, and keeps what could not be known."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.aws import explain
from modelyard.fleet import metrics, sources
from modelyard.fleet.account import Account
from modelyard.fleet.facts import Measured, Source
from modelyard.fleet.metrics import Key, Metric
from modelyard.project import ENVIRONMENTS

LISTS: Mapping[Source, Callable[[Account], Any]] = {
    "releases": sources.releases,
    "pipelines": sources.pipelines,
    "tags": sources.tags,
    "models": sources.models,
    "endpoints": sources.endpoints,
    "alarms": sources.alarms,
    "budgets": sources.budgets,
}


@dataclass
class Answers:
    """What one account said; `unknown` is the reason by source that did not answer."""

    account: Account
    records: list[sources.Told] = field(default_factory=list)
    lists: dict[Source, Any] = field(default_factory=dict)
    measured: dict[tuple[Key, Metric], Measured] = field(default_factory=dict)
    unknown: dict[Source, str] = field(default_factory=dict)

    def of(self, source: Source) -> Any:
        """A list by its keys; empty where it is unknown."""
        return self.lists.get(source, {})

    def take(self, source: Source, asked: "Future[Any]") -> Any:
        """A question's answer; None, and the reason kept, where AWS gave none."""
        try:
            return asked.result()
        except (ClientError, BotoCoreError) as error:
            self.unknown[source] = explain(error)
            return None


def ask(accounts: Sequence[Account], now: datetime, days: int, threads: int) -> dict[str, Answers]:
    """The answers by account and region; metrics are looked for as many days back."""
    with ThreadPoolExecutor(threads) as pool:
        asked = {account.place: _asked(pool, account) for account in accounts}
        heard = {place: _heard(asked[place], Answers(account)) for place, account in zip(
            asked, accounts, strict=True)}  # fmt: skip
        measuring = [
            (one, pool.submit(metrics.newest, one.account, batch, now, days))
            for one in heard.values()
            for batch in metrics.batches(_served(one))
        ]
        for one, future in measuring:
            one.measured.update(one.take("metrics", future) or {})
    return heard


def _asked(pool: ThreadPoolExecutor, account: Account) -> list[tuple[Source, "Future[Any]"]]:
    # The longest first: a list of parameters has ten a page, and no page can be skipped.
    slow: list[tuple[Source, Future[Any]]] = [
        ("releases", pool.submit(sources.releases, account)),
        *(("records", pool.submit(sources.records, account, name)) for name in ENVIRONMENTS),
    ]
    quick = [
        (source, pool.submit(read, account))
        for source, read in LISTS.items()
        if source != "releases"
    ]
    return [*slow, *quick]


def _heard(asked: list[tuple[Source, "Future[Any]"]], answers: Answers) -> Answers:
    for source, future in asked:
        found = answers.take(source, future)
        if source == "records":
            answers.records += found or ()
        elif found is not None:
            answers.lists[source] = found
    return answers


def _served(answers: Answers) -> list[Key]:
    """The environments of which something was ever released: nothing else is measured."""
    known: list[Key] = [
        (one.record.project, one.record.environment)
        for one in answers.records
        if one.record and one.record.environment != "dev"
    ]
    if "releases" in answers.unknown:
        return known
    return [key for key in known if key in answers.of("releases")]
