"""Captured predictions can be asked about without anything that crawls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from infra.catalog import projection

if TYPE_CHECKING:
    from tests.infra.conftest import Graph


@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_table_lies_over_what_the_endpoint_captures(
    workspaces: dict[str, Graph], environment: str
) -> None:
    graph = workspaces[environment]
    (table,), (database,) = graph.of(":CatalogTable"), graph.of(":CatalogDatabase")
    bucket = f"loans-{environment}-predictions-123456789012"
    assert database["inputs"]["name"] == f"loans_{environment}"
    assert table["inputs"]["databaseName"] == f"loans_{environment}"
    assert table["inputs"]["storageDescriptor"]["location"] == (
        f"s3://{bucket}/capture/loans-{environment}/main/"
    )


def test_nothing_is_captured_in_dev(dev: Graph) -> None:
    assert "captured" not in [table["inputs"]["name"] for table in dev.of(":CatalogTable")]


def test_hours_become_the_folders_that_sagemaker_writes() -> None:
    parameters = projection("s3://bucket/capture/loans-prod/main/")
    hour = datetime(2026, 11, 21, 8, 30, tzinfo=UTC).strftime("%Y/%m/%d/%H")
    assert parameters["projection.hour.format"] == "yyyy/MM/dd/HH"
    assert parameters["projection.hour.range"].endswith(",NOW")
    assert parameters["storage.location.template"].replace("${hour}", hour) == (
        "s3://bucket/capture/loans-prod/main/2026/11/21/08/"
    )


def test_columns_are_those_of_a_capture_record(staging: Graph) -> None:
    columns = staging.of(":CatalogTable")[0]["inputs"]["storageDescriptor"]["columns"]
    record = {"captureData": {}, "eventMetadata": {}, "eventVersion": "0"}
    # Hive's names are lower case; the SerDe matches without regard to case.
    assert {column["name"] for column in columns} == {key.lower() for key in record}
