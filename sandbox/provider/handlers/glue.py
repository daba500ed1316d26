"""Glue's catalog: databases and tables."""

from __future__ import annotations

from typing import Any

from sandbox.provider.handlers.base import (
    Aws,
    Facts,
    Handler,
    Values,
    capitalised,
    given,
    gone_tags,
    names,
)
from sandbox.provider.identity import Identity


class CatalogDatabase(Handler):
    """A database of the account's catalog in a region."""

    token = "aws:glue/catalogDatabase:CatalogDatabase"
    known = names("name description locationUri parameters catalogId")
    replaced_by = names("name catalogId")
    tagged = True
    named_by = "name"
    # Athena takes lower case, digits and underscores only.
    name_pattern = r"[a-z0-9_]{1,255}"

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        return f"{inputs.get('catalogId') or identity.account}:{inputs['name']}"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("glue", f"database/{inputs['name']}"),
            "catalogId": inputs.get("catalogId") or identity.account,
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("glue").create_database(
            DatabaseInput=_database(inputs), Tags=dict(inputs["tagsAll"])
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        glue, arn = aws.client("glue"), self.outputs(inputs, facts, aws.identity)["arn"]
        glue.update_database(Name=inputs["name"], DatabaseInput=_database(inputs))
        if gone := gone_tags(inputs, old):
            glue.untag_resource(ResourceArn=arn, TagsToRemove=gone)
        glue.tag_resource(ResourceArn=arn, TagsToAdd=dict(inputs["tagsAll"]))

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        arn = self.outputs(inputs, {}, aws.identity)["arn"]
        return {}, dict(aws.client("glue").get_tags(ResourceArn=arn)["Tags"])

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("glue").delete_database(Name=inputs["name"])


def _database(inputs: Values) -> dict[str, Any]:
    return given(
        inputs,
        Name="name",
        Description="description",
        LocationUri="locationUri",
        Parameters="parameters",
    )


class CatalogTable(Handler):
    """A table over files in S3."""

    token = "aws:glue/catalogTable:CatalogTable"
    known = names(
        "name databaseName catalogId description owner parameters partitionKeys retention "
        "storageDescriptor tableType viewOriginalText viewExpandedText"
    )
    replaced_by = names("name databaseName catalogId")
    named_by = "name"
    name_pattern = r"[a-z0-9_]{1,255}"

    def identify(self, inputs: Values, facts: Values, identity: Identity) -> str:
        catalog = inputs.get("catalogId") or identity.account
        return f"{catalog}:{inputs['databaseName']}:{inputs['name']}"

    def outputs(self, inputs: Values, facts: Values, identity: Identity) -> Facts:
        return {
            "arn": identity.arn("glue", f"table/{inputs['databaseName']}/{inputs['name']}"),
            "catalogId": inputs.get("catalogId") or identity.account,
        }

    def create(self, aws: Aws, inputs: Values) -> Facts:
        aws.client("glue").create_table(
            DatabaseName=inputs["databaseName"], TableInput=_table(inputs)
        )
        return {}

    def update(self, aws: Aws, inputs: Values, old: Values, facts: Values) -> None:
        aws.client("glue").update_table(
            DatabaseName=inputs["databaseName"], TableInput=_table(inputs)
        )

    def find(self, aws: Aws, inputs: Values) -> tuple[Facts, dict[str, str]] | None:
        # Tables carry no tags; whoever owns the database owns its tables.
        named = {"DatabaseName": inputs["databaseName"], "Name": inputs["name"]}
        aws.client("glue").get_table(**named)
        return {}, {}

    def delete(self, aws: Aws, inputs: Values, facts: Values) -> None:
        aws.client("glue").delete_table(DatabaseName=inputs["databaseName"], Name=inputs["name"])


def _table(inputs: Values) -> dict[str, Any]:
    request = given(
        inputs,
        Name="name",
        Description="description",
        Owner="owner",
        Parameters="parameters",
        Retention="retention",
        TableType="tableType",
        ViewOriginalText="viewOriginalText",
        ViewExpandedText="viewExpandedText",
    )
    if keys := inputs.get("partitionKeys"):
        request["PartitionKeys"] = [_column(key) for key in keys]
    if storage := inputs.get("storageDescriptor"):
        request["StorageDescriptor"] = _storage(storage)
    return request


def _column(column: Values) -> dict[str, Any]:
    return given(column, Name="name", Type="type", Comment="comment", Parameters="parameters")


def _storage(storage: Values) -> dict[str, Any]:
    plain = {
        key: value
        for key, value in storage.items()
        if key not in ("columns", "parameters", "serDeInfo")
    }
    request: dict[str, Any] = capitalised(plain)
    if columns := storage.get("columns"):
        request["Columns"] = [_column(column) for column in columns]
    if parameters := storage.get("parameters"):
        request["Parameters"] = parameters
    if serde := storage.get("serDeInfo"):
        request["SerdeInfo"] = given(
            serde,
            Name="name",
            SerializationLibrary="serializationLibrary",
            Parameters="parameters",
        )
    return request


HANDLERS: tuple[Handler, ...] = (CatalogDatabase(), CatalogTable())
