"""Which of the two doors of capture an account has, as far as reading can tell.

AWS closed Model Monitor to new customers, and its page on data capture carries the same note; no
call answers whether an account may capture. What exists does: an endpoint that captures, or an
endpoint configuration that AWS once accepted with capture in it.
"""

from datetime import datetime
from typing import Any, Literal

from botocore.exceptions import ClientError

Door = Literal["started", "stopped", "absent", "accepted", "untried"]


def door(sagemaker: Any, endpoint: str, project: str) -> Door:
    """What the endpoint says of its capture; before there is one, what was accepted before."""
    try:
        described = sagemaker.describe_endpoint(EndpointName=endpoint)
    except ClientError as error:
        if "Could not find" not in error.response["Error"]["Message"]:
            raise
        return "accepted" if _was_accepted(sagemaker, project) else "untried"
    capture = described.get("DataCaptureConfig") or {}
    if not capture.get("EnableCapture"):
        return "absent"
    return "started" if capture.get("CaptureStatus") == "Started" else "stopped"


def _was_accepted(sagemaker: Any, project: str) -> bool:
    """Whether one of the project's configurations captures, the newest first."""
    listed = sagemaker.list_endpoint_configs(
        NameContains=f"{project}-", SortBy="CreationTime", SortOrder="Descending", MaxResults=10
    )["EndpointConfigs"]
    return any(
        (
            sagemaker.describe_endpoint_config(EndpointConfigName=one["EndpointConfigName"]).get(
                "DataCaptureConfig"
            )
            or {}
        ).get("EnableCapture")
        for one in listed
    )


def has_subscription(logs: Any, endpoint: str) -> bool:
    """Whether the endpoint's log is delivered anywhere."""
    try:
        found = logs.describe_subscription_filters(
            logGroupName=f"/aws/sagemaker/Endpoints/{endpoint}"
        )
    except logs.exceptions.ResourceNotFoundException:
        return False
    return bool(found["subscriptionFilters"])


def captured_last(s3: Any, bucket: str, prefix: str) -> datetime | None:
    """When the newest captured object was stored; folders are dated, so the last one holds it."""
    newest = None
    for variant in _folders(s3, bucket, prefix):
        folder = variant
        while below := _folders(s3, bucket, folder):
            folder = below[-1]
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=folder)
        times = [item["LastModified"] for page in pages for item in page.get("Contents", [])]
        newest = max([*times, *([newest] if newest else [])], default=None)
    return newest


def _folders(s3: Any, bucket: str, prefix: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, Delimiter="/"
    )
    return sorted(folder["Prefix"] for page in pages for folder in page.get("CommonPrefixes", []))
