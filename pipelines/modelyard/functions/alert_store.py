"""The alarms' memory in the predictions bucket: read, judged, told and kept without losing any.

Runs that catch up publish side by side: a write that finds a newer state than it read starts over.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.functions.alert_state import Alarm, News, State, claimed, judge, loaded, told

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
    """Applies a change and says what is new; the state and what was said.

    News is claimed in the state before it is told, so that of two only one tells it, and confirmed
    afterwards, so that a claim whose owner died is taken up by the next.
    """
    news = News()

    def claim(state: State) -> State:
        nonlocal news
        state, wrong = change(state)
        news = judge(state, wrong, now, silenced)
        return claimed(state, wrong, news, now)

    state = _update(s3, facts, claim)
    if news:
        say(news)
        state = _update(s3, facts, lambda found: told(found, news, now))
    return state, news


def _update(s3: Any, facts: Mapping[str, str], change: Callable[[State], State]) -> State:
    """Changes what is stored; over what somebody else wrote meanwhile the change is made again."""
    for _ in range(_TRIES):
        state, etag = _read(s3, facts["bucket_predictions"])
        state = change(state)
        try:
            _write(s3, facts, state, etag)
        except ClientError as error:
            if error.response["Error"]["Code"] in _LOST:
                continue
            raise
        return state
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
