"""A profile as a small JSON document, the same bytes for the same profile."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from modelyard.errors import ModelyardError
from modelyard.profile.columns import CategoryProfile, ColumnProfile, NumberProfile, Profile
from modelyard.profile.names import Names
from modelyard.profile.scale import Scale

SCHEMA_VERSION = 2


class ProfileError(ModelyardError):
    """A profile that cannot be used; the message says why and the fix."""


def document(profile: Profile) -> dict[str, Any]:
    """The profile as plain data; write it with sorted keys."""
    columns = {name: _plain(column) for name, column in sorted(profile.columns.items())}
    return {
        "schema_version": SCHEMA_VERSION,
        "rows": profile.rows,
        "unreadable": profile.unreadable,
        "columns": columns,
        "extra": dict(profile.extra.counts),
    }


def parse(stored: Mapping[str, Any], source: str = "the profile") -> Profile:
    """The profile that `document` wrote; keys beside its own are ignored."""
    version = stored.get("schema_version")
    if version != SCHEMA_VERSION:
        raise ProfileError(
            f"{source}: has schema version {version}, expected {SCHEMA_VERSION}; "
            "train the model again with this version of modelyard"
        )
    columns = {name: _column(plain) for name, plain in stored["columns"].items()}
    return Profile(stored["rows"], stored["unreadable"], columns, Names(stored["extra"]))


def _plain(column: ColumnProfile) -> dict[str, Any]:
    plain = asdict(column)
    plain["types"] = dict(sorted(column.types.items()))
    if isinstance(column, CategoryProfile):
        plain["counts"] = dict(sorted(column.counts.items()))
        plain["new"] = dict(column.new.counts)
    return plain


def _column(plain: Mapping[str, Any]) -> ColumnProfile:
    if "scale" in plain:
        scale = Scale(**{**plain["scale"], "bounds": tuple(plain["scale"]["bounds"])})
        return NumberProfile(**{**plain, "scale": scale, "counts": tuple(plain["counts"])})
    return CategoryProfile(**{**plain, "new": Names(plain["new"])})
