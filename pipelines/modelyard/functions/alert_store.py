"""The alarms' memory in the predictions bucket: read, judged, told and kept without losing any.

Runs that catch up publish side by side; a write that finds a newer state than it read starts over,
and does not say twice what it has said.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions.alert_state import Alarm, News, State, after, judge, loaded

KEY = "monitoring/state/alerts.json"
_TRIES = 10
_LOST = ("PreconditionFailed", "ConditionalRequestConflict")


def settle(
    s3: Any,
    facts: Mapping[str, str],
    change: Callable[[State], tuple[State, list[Alarm]]],
    now: datetime,
    silenced: frozenset[str],
    say: Callable[[News], None],
) -> tuple[State, News]:
    """Applies a change, says what is new, keeps the rest; the state and what was said."""
    said = News()
    for _ in range(_TRIES):
        state, etag = _read(s3, facts["bucket_predictions"])
        state, wrong = change(state)
        news = judge(state, wrong, now, silenced)
        fresh = _without(news, said)
        if fresh:
            say(fresh)
            said = _joined(said, fresh)
        try:
            _write(s3, facts, after(state, wrong, news, now), etag)
        except ClientError as error:
            if error.response["Error"]["Code"] in _LOST:
                continue
            raise
        return after(state, wrong, news, now), said
    raise RuntimeError(f"{KEY} was changed {_TRIES} times while it was being written")


def read(s3: Any, bucket: str) -> State:
    """What is remembered."""
    return _read(s3, bucket)[0]


def _read(s3: Any, bucket: str) -> tuple[State, str]:
    try:
        found = s3.get_object(Bucket=bucket, Key=KEY)
    except s3.exceptions.NoSuchKey:
        return State(), ""
    return loaded(json.loads(found["Body"].read())), found["ETag"]


def _write(s3: Any, facts: Mapping[str, str], state: State, etag: str) -> None:
    condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
    s3.put_object(
        Bucket=facts["bucket_predictions"],
        Key=KEY,
        Body=json.dumps(state.document(), indent=1, sort_keys=True).encode(),
        ContentType="application/json",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=facts["key_arn"],
        **condition,
    )


def _without(news: News, said: News) -> News:
    def rest(found: tuple[Alarm, ...], told: tuple[Alarm, ...]) -> tuple[Alarm, ...]:
        known = {(one.id, one.severity) for one in told}
        return tuple(one for one in found if (one.id, one.severity) not in known)

    return News(
        rest(news.opened, said.opened),
        rest(news.reminded, said.reminded),
        rest(news.closed, said.closed),
    )


def _joined(one: News, other: News) -> News:
    return News(one.opened + other.opened, one.reminded + other.reminded, one.closed + other.closed)
