"""The release function dies after every AWS call in turn: what follows ends as if it had not."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from modelyard.evidence.chain import verify
from modelyard.functions.service import Refused
from tests.modelyard.functions.cloud import APPROVAL, RECONCILE, Cloud, chained

# SageMaker goes through these by itself: who is killed while they last finds what came after.
PASSING = ("baking", "rolling-back", "baking.json", "rolling-back.json")
Story = Callable[[Cloud], None]


def staging() -> Cloud:
    cloud = Cloud("staging")
    cloud.approve(1, production=False)
    cloud.settle(APPROVAL)
    return cloud


def prod(**serving: Any) -> Cloud:
    cloud = Cloud("prod", **serving)
    cloud.verified_in_staging(1)
    cloud.approve(1)
    cloud.settle(APPROVAL)
    return cloud


def _next(cloud: Cloud) -> str:
    cloud.verified_in_staging(2)
    return cloud.approve(2)


def released(cloud: Cloud) -> None:
    _next(cloud)
    cloud.settle(APPROVAL)


def alarmed(cloud: Cloud) -> None:
    cloud.bad.add("loans-prod-v2")
    _next(cloud)
    cloud.settle(APPROVAL)


def withdrawn(cloud: Cloud) -> None:
    arn = _next(cloud)
    cloud.run(APPROVAL)
    cloud.run(RECONCILE)
    cloud.withdraw(arn)
    cloud.settle(APPROVAL)


def withdrawn_late(cloud: Cloud) -> None:
    arn = _next(cloud)
    cloud.settle(APPROVAL)
    cloud.withdraw(arn)
    cloud.settle(APPROVAL)


def refused(cloud: Cloud) -> None:
    cloud.verified_in_staging(2, passed=False, reason="slow")
    cloud.approve(2)
    cloud.settle(APPROVAL)


def taken_back(cloud: Cloud) -> None:
    _next(cloud)
    cloud.settle(APPROVAL)
    cloud.settle({"action": "rollback", "by": "olga", "reason": "odd"})
    with suppress(Refused):
        # Who got no answer asks once more.
        cloud.settle({"action": "rollback", "by": "olga", "reason": "odd"})


def failed_verification(cloud: Cloud) -> None:
    cloud.verdict = (False, "golden row 3")
    cloud.approve(2, production=False)
    cloud.settle(APPROVAL)


@dataclass(frozen=True)
class Case:
    """A story, and where it begins."""

    name: str
    begin: Callable[[], Cloud]
    story: Story

    @cache  # noqa: B019 (a handful of cases that live as long as the module)
    def tell(self, kill_after: int | None = None) -> Cloud:
        """What the story came to; no test changes it."""
        cloud = self.begin()
        already = len(cloud.calls)
        cloud.kill_after = already + kill_after if kill_after else None
        self.story(cloud)
        return cloud

    @property
    def calls(self) -> int:
        """How many AWS calls the story makes until nothing happens any more but looking."""
        return min(64, len(self.tell().calls) - len(self.begin().calls))


CASES = [
    Case("released", prod, released),
    Case("released to staging", staging, released),
    Case("batch", lambda: prod(mode="batch"), released),
    Case("alarm", prod, alarmed),
    Case("withdrawn", prod, withdrawn),
    Case("withdrawn late", prod, withdrawn_late),
    Case("refused", prod, refused),
    Case("failed verification", staging, failed_verification),
    Case("taken back", prod, taken_back),
]
KILLED = [
    pytest.param(case, call, id=f"{case.name} after call {call}")
    for case in CASES
    for call in range(1, case.calls + 1)
]


def ending(cloud: Cloud) -> tuple[Any, ...]:
    """What must not depend on where the function died; passing phases may pass unseen."""
    state = cloud.state
    return (
        cloud.endpoint and (cloud.endpoint["EndpointStatus"], cloud.serving),
        (state.phase, state.version, state.config, state.previous_config, state.withdrawn),
        [key for key in cloud.records if not key.endswith(PASSING)],
        [phase for phase in cloud.phases if not phase.endswith(PASSING)],
    )


@pytest.mark.parametrize(("case", "call"), KILLED)
def test_killed_anywhere_it_ends_the_same(case: Case, call: int) -> None:
    assert ending(case.tell(call)) == ending(case.tell())


@pytest.mark.parametrize(("case", "call"), KILLED)
def test_killed_anywhere_nothing_is_deployed_twice(case: Case, call: int) -> None:
    assert case.tell(call).deployed == case.tell().deployed


@pytest.mark.parametrize(("case", "call"), KILLED)
def test_killed_anywhere_people_are_told_of_everything(case: Case, call: int) -> None:
    assert told(case.tell(call)) == told(case.tell())


@pytest.mark.parametrize(("case", "call"), KILLED)
def test_killed_anywhere_its_records_hold_together(case: Case, call: int) -> None:
    assert verify(chained(case.tell(call))) == ()


def told(cloud: Cloud) -> set[str]:
    """The subjects of all messages."""
    subjects = {str(message["Subject"]) for message in cloud.messages}
    return {one for one in subjects if not one.endswith(("takes its share", "is being taken back"))}
