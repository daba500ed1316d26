"""When a project counts as abandoned: no sign of people or judged traffic for so many days."""

from collections.abc import Iterator

from modelyard.fleet.facts import Project
from modelyard.fleet.limits import Now


def without_a_sign(project: Project, now: Now) -> Iterator[str]:
    """A run, a model, a release and a judged window are signs; a workspace that is new is not left.

    That monitoring looks, and finds nobody asking, is none.
    """
    sign = project.last_sign
    since = sign or max(one.applied for one in project.environments)
    days = now.past(since).days
    if days < now.limits.abandoned_after:
        return
    if sign is None:
        told = f"never used since it was applied {days} days ago"
    else:
        told = f"no run, release or judged window for {days} days"
    still = [one.name for one in project.environments if one.endpoint]
    yield f"{told}; still served in {' and '.join(still)}" if still else told
