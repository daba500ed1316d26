"""Captured predictions as a table, for questions nobody foresaw."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.base import Part, Scope
from modelyard.functions.live import MAIN

_SIDE = "struct<observedcontenttype:string,mode:string,data:string,encoding:string>"
# SageMaker's capture records ("Capture data from real-time endpoint"), one per line.
COLUMNS = {
    "capturedata": f"struct<endpointinput:{_SIDE},endpointoutput:{_SIDE}>",
    "eventmetadata": "struct<eventid:string,inferenceid:string,inferencetime:string>",
    "eventversion": "string",
}
_FIRST_HOUR = "2026/01/01/00"


@dataclass(frozen=True)
class CatalogArgs:
    """The bucket of captured predictions."""

    scope: Scope
    bucket: pulumi.Output[str]


class Catalog(Part):
    """A database of the environment with one table, whose partitions are computed, never crawled.

    A database per environment, because permissions on tables are easiest to read by database.
    """

    table: pulumi.Output[str]

    def __init__(self, name: str, args: CatalogArgs, opts: pulumi.ResourceOptions) -> None:
        super().__init__("modelyard:catalog:Catalog", name, opts)
        name_in_athena = args.scope.prefix.replace("-", "_")
        database = aws.glue.CatalogDatabase(
            self.child("database"),
            name=name_in_athena,
            description=f"What {args.scope.prefix} leaves to be asked about",
            opts=self.inside,
        )
        location = args.bucket.apply(
            lambda bucket: f"s3://{bucket}/capture/{args.scope.prefix}/{MAIN}/"
        )
        table = aws.glue.CatalogTable(
            self.child("captured"),
            name="captured",
            database_name=database.name,
            description=f"Requests and answers of {args.scope.prefix}",
            table_type="EXTERNAL_TABLE",
            parameters=location.apply(projection),
            partition_keys=[
                aws.glue.CatalogTablePartitionKeyArgs(
                    name="hour", type="string", comment="yyyy/MM/dd/HH, in UTC"
                )
            ],
            storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(
                location=location,
                input_format="org.apache.hadoop.mapred.TextInputFormat",
                output_format="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                columns=[
                    aws.glue.CatalogTableStorageDescriptorColumnArgs(name=column, type=type_)
                    for column, type_ in COLUMNS.items()
                ],
                ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                    serialization_library="org.openx.data.jsonserde.JsonSerDe"
                ),
            ),
            opts=self.inside,
        )
        self.table = pulumi.Output.format("{}.{}", database.name, table.name)
        self.register_outputs({"table": self.table})


def projection(location: str) -> dict[str, str]:
    """Partition projection (Amazon Athena User Guide): the hours up to now, each a folder."""
    return {
        "classification": "json",
        "EXTERNAL": "TRUE",
        "projection.enabled": "true",
        "projection.hour.type": "date",
        "projection.hour.format": "yyyy/MM/dd/HH",
        "projection.hour.range": f"{_FIRST_HOUR},NOW",
        "projection.hour.interval": "1",
        "projection.hour.interval.unit": "HOURS",
        "storage.location.template": f"{location}${{hour}}/",
    }
