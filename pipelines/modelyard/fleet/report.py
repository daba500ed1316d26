"""The fleet judged: every project's verdict, what needs attention first, and which are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelyard.errors import ModelyardError
from modelyard.fleet.limits import Limits, Now
from modelyard.fleet.projects import Fleet
from modelyard.fleet.rules import Kind, Verdict, judge
from modelyard.pages.words import counted

_NONE = (
    "No project was found: name its accounts by --profile and --region, or apply its workspaces "
    "with the current platform, which tells the fleet of them"
)


@dataclass(frozen=True)
class Report:
    """What is told of a fleet.

    Attributes:
        verdicts: the projects that are shown, the most urgent first.
        fleet: everything that was read, the projects that are not shown included.
    """

    fleet: Fleet
    limits: Limits
    verdicts: tuple[Verdict, ...]

    def having(self, kind: Kind) -> int:
        """How many of the projects shown have a finding of a kind."""
        return sum(1 for one in self.verdicts if one.of(kind))

    @property
    def sentence(self) -> str:
        """The whole fleet in one line."""
        projects = counted(len(self.verdicts), "project")
        if not self.verdicts:
            return "No project matches" if self.fleet.projects else _NONE
        wrong, left = self.having("non-compliant"), self.having("abandoned")
        told = f"{projects}: {wrong:,} non-compliant, {left:,} abandoned"
        gaps = len(self.fleet.gaps)
        return f"{told}; {counted(gaps, 'thing is', 'things are')} not known" if gaps else told


def report(
    fleet: Fleet, limits: Limits, only: Kind | None = None, names: Sequence[str] = ()
) -> Report:
    """The report on a fleet, or on the projects that are asked for."""
    known = {one.name for one in fleet.projects}
    for name in names:
        if name not in known and not fleet.gaps:
            raise ModelyardError(
                f"--project {name}: no such project in {', '.join(fleet.accounts)}; "
                "add the --profile and --region of its accounts"
            )
    now = Now(fleet.asked, fleet.package, limits)
    verdicts = [judge(one, now) for one in fleet.projects if not names or one.name in names]
    shown = [one for one in verdicts if only is None or one.of(only)]
    return Report(fleet, limits, tuple(sorted(shown, key=lambda one: one.urgency)))
