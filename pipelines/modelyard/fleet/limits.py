"""From where on a rule is broken, and the moment and version that projects are compared with."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limits:
    """In days, but for the minor versions that a project may lag."""

    abandoned_after: int = 90
    minor_versions: int = 1
    model_days: int = 365
    stuck_days: int = 30
    silent_days: int = 3


@dataclass(frozen=True)
class Now:
    """What projects are compared with; `package` is the newest version."""

    moment: datetime
    package: str
    limits: Limits = Limits()

    def past(self, since: datetime) -> timedelta:
        return self.moment - since
