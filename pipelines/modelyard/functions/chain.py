"""Records that name what came before them, so that one edited or removed later is noticed.

Each record of a folder carries `previous`: address and sha256 of the record before it. Two that are
written at the same moment may follow the same record; the next one then names both (`joins`), and
until then the fork is told as what it is.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

# A record written meanwhile is among the newest; older ones have been followed already.
_LOOK_BACK = 6

Link = dict[str, str]


def append(
    s3: Any, bucket: str, folder: str, name: str, record: Mapping[str, Any], key_arn: str
) -> Link:
    """Stores a record at the end of its folder's chain; where it is, and its sha256.

    `name` may lie deeper ("7-20260102/report.json"): then the chain is of the files of that name.
    """
    body = written({**record, **before(s3, bucket, folder, name)})
    key = f"{folder}{name}"
    s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=body,
        ContentType="application/json",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=key_arn,
    )
    return {"uri": f"s3://{bucket}/{key}", "sha256": hashlib.sha256(body).hexdigest()}


def written(record: Mapping[str, Any]) -> bytes:
    """The bytes of a record, the same for the same content."""
    return (json.dumps(record, indent=1, sort_keys=True, default=str) + "\n").encode()


def before(s3: Any, bucket: str, folder: str, name: str) -> dict[str, Any]:
    """What the next record says of those that nothing follows yet: `previous`, and `joins`."""
    newest = _newest(s3, bucket, folder, name)
    read: list[tuple[Link, Mapping[str, Any]]] = []
    for key in newest:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        link = {"uri": f"s3://{bucket}/{key}", "sha256": hashlib.sha256(body).hexdigest()}
        read.append((link, _document(body)))
    followed = {link["uri"] for _, content in read for link in links(content)}
    heads = [link for link, _ in read if link["uri"] not in followed]
    if not heads:
        return {"previous": None}
    joined = {"joins": heads[1:]} if heads[1:] else {}
    return {"previous": heads[0], **joined}


def links(content: Mapping[str, Any]) -> list[Link]:
    """The records that a record names as coming before it."""
    named = [content.get("previous"), *(content.get("joins") or ())]
    return [dict(one) for one in named if isinstance(one, Mapping) and "uri" in one]


def _newest(s3: Any, bucket: str, folder: str, name: str) -> Sequence[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
    items = [
        item
        for page in pages
        for item in page.get("Contents", ())
        if belongs(item["Key"], folder, name)
    ]
    # The same name again is the same record, said once more by a writer that was interrupted.
    others = [item for item in items if item["Key"] != f"{folder}{name}"]
    others.sort(key=lambda item: (item["LastModified"], item["Key"]), reverse=True)
    return [item["Key"] for item in others[:_LOOK_BACK]]


def belongs(key: str, folder: str, name: str) -> bool:
    """Whether an object is of the same chain as a record of that name."""
    rest = key.removeprefix(folder)
    nested = name.rpartition("/")[2] if "/" in name else ""
    return (
        rest.endswith(".json")
        and rest.count("/") == name.count("/")
        and (not nested or rest.endswith(f"/{nested}"))
    )


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
