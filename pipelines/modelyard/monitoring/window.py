"""The window a monitoring run judges: window.json, written by the function that starts the run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError, model_validator

from modelyard.captures import Period
from modelyard.errors import ModelyardError
from modelyard.functions.windows import moment, stamp
from modelyard.monitoring.severity import Thresholds

FILE_NAME = "window.json"


class WindowError(ModelyardError):
    """A window that cannot be judged; the message names the file and what is wrong in it."""


class Window(BaseModel):
    """The time, what CloudWatch counted in it, and the reviewed thresholds.

    Attributes:
        served: all invocations, refused and failed ones too; None where nobody knows.
        quality_from: captured records from here on are present too, for labels that come late.
        variants: the production variants; empty for all.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    start: AwareDatetime
    end: AwareDatetime
    model_package_arn: str = ""
    endpoint: str = ""
    project: str = ""
    environment: str = ""
    served: int | None = None
    errors_4xx: int | None = None
    errors_5xx: int | None = None
    latency_p50_us: float | None = None
    latency_p99_us: float | None = None
    capture_lag_s: float | None = None
    cpu_max_percent: float | None = None
    memory_max_percent: float | None = None
    quality_from: AwareDatetime | None = None
    variants: frozenset[str] = frozenset()
    thresholds: Thresholds = Thresholds()
    folder: str = ""

    @model_validator(mode="after")
    def _has_length(self) -> "Window":
        if self.start >= self.end:
            raise ValueError("start is not before end")
        return self

    @property
    def answered(self) -> int | None:
        """Invocations that ended well: those that capture holds."""
        if self.served is None:
            return None
        return max(0, self.served - (self.errors_4xx or 0) - (self.errors_5xx or 0))

    @property
    def hours(self) -> float:
        return (self.end - self.start).total_seconds() / 3600

    @property
    def name(self) -> str:
        """What the window is called in S3; by its start and length where no folder says it."""
        return self.folder or f"{self.start:%Y%m%dT%H%MZ}-{self.hours:g}h"

    def period(self, share: float) -> Period:
        """The records to read."""
        return Period(self.start, self.end, self.quality_from, self.variants, share)


def load(folder: Path, expected: str = "") -> Window:
    """The one window.json below a folder; `expected` is its start/end as whoever started knows."""
    files = sorted(folder.rglob(FILE_NAME))
    if len(files) != 1:
        held = f"{len(files)} of them" if files else "none"
        raise WindowError(
            f"{folder}: must hold exactly one {FILE_NAME}, holds {held}; "
            "the watch function writes it into the manifest"
        )
    found = parse(files[0].read_text(encoding="utf-8"), str(files[0]))
    if expected and [moment(part) for part in expected.split("/")] != [found.start, found.end]:
        raise WindowError(
            f"{files[0]}: is about {stamp(found.start)}/{stamp(found.end)}, the run about "
            f"{expected}; start it with the manifest of its own window"
        )
    named = "" if files[0].parent == folder else files[0].parent.name
    return found.model_copy(update={"folder": named})


def parse(text: str, source: str = FILE_NAME) -> Window:
    """The window that a text states."""
    try:
        return Window.model_validate(json.loads(text))
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(map(str, problem["loc"])) or "the document"
        raise WindowError(f"{source}: {place}: {problem['msg']}") from None
    except ValueError as error:
        raise WindowError(f"{source}: is not JSON: {error}") from None


def document(window: Window) -> Mapping[str, Any]:
    """The window as the report states it."""
    return {"start": stamp(window.start), "end": stamp(window.end), "name": window.name}
