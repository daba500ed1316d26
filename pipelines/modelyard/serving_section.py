"""The `serving` section of project.yaml: how predictions are answered, and how versions roll out.

What AWS excludes is refused here, with the key, the reason and the fix, before anything is made.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from modelyard.section import InstanceType, Schedule, Section

Mode = Literal["real-time", "serverless", "asynchronous", "batch"]
Strategy = Literal["all-at-once", "canary", "linear", "shadow", "ab"]

# AWS takes eight hours for a deployment at most; starting and stopping fleets has to fit in too.
LONGEST_ROLLOUT_MINUTES = 420
_SHARED: tuple[Strategy, ...] = ("canary", "shadow", "ab")


def _spelled_out(value: Any) -> Any:
    """`rollout: canary` means a canary with every default."""
    return {"strategy": value} if isinstance(value, str) else value


class Rollout(Section):
    """How a new version takes over in prod; staging changes all at once and is verified instead.

    Attributes:
        share: percent of the capacity (canary), of mirrored requests (shadow), of requests (ab);
            10 (canary, ab) or 100 (shadow) where nothing is stated.
        step: percent of the capacity that linear moves at a time, 20 where nothing is stated.
        bake_minutes: how long alarms watch each step, and the whole once it has moved.
        latency_ms: the 99th percentile of the model's latency above which a release goes back.
        errors_per_minute: more server errors than this in two minutes of three send it back.
        drift: the highest drift score that monitoring may publish while a release is under way.
        quality_drop: the same of the measured quality, for projects whose labels arrive; without
            it there is no such alarm, which would cost money and never fire.
    """

    strategy: Strategy
    share: Annotated[int, Field(ge=1, le=100, strict=True)] | None = None
    step: Annotated[int, Field(ge=10, le=50, strict=True)] | None = None
    bake_minutes: Annotated[int, Field(ge=0, le=60, strict=True)] = 10
    latency_ms: Annotated[int, Field(ge=1, le=60000, strict=True)] = 1000
    errors_per_minute: Annotated[int, Field(ge=0, strict=True)] = 0
    quality_drop: Annotated[float, Field(gt=0, strict=True)] | None = None
    drift: Annotated[float, Field(gt=0, strict=True)] = 0.5

    @model_validator(mode="after")
    def _states_what_its_strategy_has(self) -> Self:
        if self.share is not None and self.strategy not in _SHARED:
            raise ValueError(f"{self.strategy} has no share; remove it, or choose canary")
        if self.step is not None and self.strategy != "linear":
            raise ValueError(f"{self.strategy} has no step; remove it, or choose linear")
        if self.strategy == "canary" and not 2 <= self.percent <= 50:
            raise ValueError(
                f"share {self.percent}: AWS lets a canary take half of the capacity at most, and "
                "below 2 its latency drowns in the blended 99th percentile; write 2 to 50"
            )
        if self.minutes > LONGEST_ROLLOUT_MINUTES:
            raise ValueError(
                f"bake_minutes {self.bake_minutes} at step {self.percent} take {self.minutes} "
                f"minutes, and AWS ends a deployment after eight hours; keep the sum of the steps "
                f"below {LONGEST_ROLLOUT_MINUTES} minutes"
            )
        return self

    @property
    def percent(self) -> int:
        """The share or the step, as stated or by default."""
        if self.strategy == "linear":
            return self.step or 20
        return self.share or {"canary": 10, "ab": 10}.get(self.strategy, 100)

    @property
    def minutes(self) -> int:
        """How long the alarms watch, all steps together."""
        if self.strategy in ("shadow", "ab"):
            return 0
        steps = {"canary": 2, "linear": -(-100 // self.percent)}.get(self.strategy, 1)
        return steps * self.bake_minutes


_SHORT = BeforeValidator(_spelled_out, json_schema_input_type=Rollout | Strategy)


class Serving(Section):
    """How predictions are served in staging and prod.

    Attributes:
        target_invocations: requests a minute that one instance takes (real-time), or requests that
            may wait for one instance (asynchronous); scaling keeps to it.
        memory_mb, max_concurrency: what a serverless variant has in place of instances.
        schedule: when the batch pipeline runs, as an EventBridge Scheduler expression.
    """

    mode: Mode = "real-time"
    instance_type: InstanceType = "ml.m5.large"
    instance_count: Annotated[int, Field(ge=1, le=100, strict=True)] = 1
    max_instance_count: Annotated[int, Field(ge=1, le=100, strict=True)] | None = None
    target_invocations: Annotated[int, Field(ge=1, strict=True)] | None = None
    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = 2048
    max_concurrency: Annotated[int, Field(ge=1, le=200, strict=True)] = 20
    schedule: Schedule | None = None
    rollout: Annotated[Rollout, _SHORT] | None = None

    @model_validator(mode="after")
    def _states_what_its_mode_has(self) -> Self:
        instances = ("instance_type", "instance_count", "max_instance_count", "target_invocations")
        foreign = {
            "serverless": (*instances, "schedule"),
            "batch": (*instances[2:], "memory_mb", "max_concurrency", "rollout"),
        }.get(self.mode, ("memory_mb", "max_concurrency", "schedule"))
        for key in sorted(self.model_fields_set.intersection(foreign)):
            raise ValueError(f"{key} means nothing where mode is {self.mode}; remove it")
        if self.mode == "real-time" and (
            (self.max_instance_count is None) != (self.target_invocations is None)
        ):
            raise ValueError(
                "max_instance_count and target_invocations (requests a minute that one instance "
                "takes) belong together; state both or none"
            )
        if (self.max_instance_count or self.instance_count) < self.instance_count:
            raise ValueError(
                f"max_instance_count {self.max_instance_count} is below instance_count "
                f"{self.instance_count}; raise it"
            )
        return self

    @model_validator(mode="after")
    def _rolls_out_as_aws_can(self) -> Self:
        strategy = self.rollout.strategy if self.rollout else "all-at-once"
        if self.mode != "real-time" and strategy != "all-at-once":
            raise ValueError(f"rollout {strategy} {_WHY_NOT[self.mode]}; write 'all-at-once'")
        if strategy in ("canary", "linear") and self.fixed_at_one:
            raise ValueError(
                f"rollout {strategy} needs two instances: AWS moves half of the capacity at most "
                "in one step, and one instance has no half; set instance_count to 2 or more"
            )
        return self

    @property
    def fixed_at_one(self) -> bool:
        """Whether one instance was asked for; where nothing is stated, prod has two."""
        return "instance_count" in self.model_fields_set and self.instance_count == 1

    def instances(self, environment: str) -> int:
        """What is stated; where nothing is, a real-time endpoint in prod has one to spare.

        Security Hub's SageMaker.4 asks for it, and so does the guardrail production-redundancy.
        """
        stated = "instance_count" in self.model_fields_set
        if environment == "prod" and self.mode == "real-time" and not stated:
            return 2
        return self.instance_count

    def rollout_in(self, environment: str) -> Rollout:
        """How an environment changes versions: in prod by a canary, unless it is stated or cannot
        be; in staging at once and without waiting, because verification judges there.
        """
        stated = self.rollout or Rollout(strategy="all-at-once")
        if environment != "prod":
            return stated.model_copy(
                update={"strategy": "all-at-once", "share": None, "step": None, "bake_minutes": 0}
            )
        if self.rollout is None and self.mode == "real-time" and not self.fixed_at_one:
            return Rollout(strategy="canary")
        return stated

    def stated_for(self, environment: str) -> Mapping[str, Any]:
        """The section as the workspace contract carries it, with every default decided."""
        rollout = self.rollout_in(environment)
        numbers = rollout.model_dump(exclude={"share", "step"}, exclude_none=True)
        by_mode: dict[str, Any] = {"instance_type": self.instance_type}
        if self.mode == "serverless":
            by_mode = {"memory_mb": self.memory_mb, "max_concurrency": self.max_concurrency}
        elif self.mode != "batch":
            by_mode["instance_count"] = self.instances(environment)
            by_mode["max_instance_count"] = self.max_instance_count
            by_mode["target_invocations"] = self.target_invocations
        else:
            by_mode |= {"instance_count": self.instance_count, "schedule": self.schedule}
        return {
            "mode": self.mode,
            **{key: value for key, value in by_mode.items() if value is not None},
            "rollout": {**numbers, "percent": rollout.percent},
        }


_WHY_NOT: Mapping[str, str] = {
    "serverless": "cannot be: a serverless variant has no instances to move, and AWS allows it "
    "neither a second variant nor a shadow",
    "asynchronous": "cannot be: asynchronous requests wait in a queue that one variant empties, "
    "and AWS allows no shadow there",
    "batch": "cannot be: batch has no endpoint",
}
