"""What the sections of project.yaml have in common: frozen, strict, and a few kinds of text."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

InstanceType = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")]
# An EventBridge Scheduler expression.
Schedule = Annotated[str, Field(pattern=r"^(cron|rate)\(.+\)$")]


class Section(BaseModel):
    """One section; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
