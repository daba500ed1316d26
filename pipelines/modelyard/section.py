"""What the sections of project.yaml have in common: frozen, strict, and a few kinds of text."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1, max_length=256, pattern=r"\S")]
Column = Annotated[str, Field(min_length=1, max_length=256)]
Account = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
# A project's name; `modelyard.project` asks a little more of the own one.
PROJECT_NAME = r"^[a-z][a-z0-9-]{1,22}[a-z0-9]$"
DATA_SET_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
InstanceType = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")]
# An EventBridge Scheduler expression.
Schedule = Annotated[str, Field(pattern=r"^(cron|rate)\(.+\)$")]


class Section(BaseModel):
    """One section; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
