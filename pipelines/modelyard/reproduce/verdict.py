"""Compares a build with its repetition: same rows, same bytes, or how far the metrics are apart."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from modelyard.reproduce.rebuild import Rebuilt
    from modelyard.reproduce.record import Build

Verdict = Literal["identical", "within tolerance", "different"]
# A repetition may differ by a quarter of what chance alone explains: half of the recorded 95%
# interval's width. Where a metric has no interval, by one percent of its value.
SHARE = 0.25
_OF_VALUE = 0.01


@dataclass(frozen=True)
class Difference:
    """One metric in both builds, and how far apart they may be."""

    metric: str
    recorded: float | None
    repeated: float | None
    allowed: float
    within: bool

    @property
    def same(self) -> bool:
        return self.recorded == self.repeated


@dataclass(frozen=True)
class Comparison:
    """The verdict with everything it rests on."""

    splits: Mapping[str, bool]
    model: tuple[str, str]
    metrics: tuple[Difference, ...]
    share: float
    environment: tuple[str, ...]

    @property
    def same_model(self) -> bool:
        return self.model[0] == self.model[1]

    @property
    def verdict(self) -> Verdict:
        if not all(self.splits.values()) or not all(one.within for one in self.metrics):
            return "different"
        if self.same_model and all(one.same for one in self.metrics):
            return "identical"
        return "within tolerance"

    @property
    def sentence(self) -> str:
        """The verdict in words: which part is the same, and which is not."""
        moved = sorted(name for name, same in self.splits.items() if not same)
        if moved:
            return f"other rows in {', '.join(moved)}: the splits are not the recorded ones"
        model = "the same model bytes" if self.same_model else "another model by its bytes"
        return f"the same rows in every split, {model}, {self._metrics_in_words()}"

    def document(self) -> dict[str, Any]:
        """The comparison as plain data."""
        return {
            "verdict": self.verdict,
            "sentence": self.sentence,
            "splits": {name: {"same_rows": same} for name, same in sorted(self.splits.items())},
            "model": {
                "recorded_sha256": self.model[0],
                "repeated_sha256": self.model[1],
                "same_bytes": self.same_model,
            },
            "metrics": [asdict(one) for one in self.metrics],
            "tolerance": {"share_of_half_interval": self.share, "without_interval": _OF_VALUE},
            "environment_differences": list(self.environment),
        }

    def _metrics_in_words(self) -> str:
        apart = [one for one in self.metrics if not one.same]
        if not apart:
            return f"all {len(self.metrics)} metrics equal"
        outside = [one for one in apart if not one.within]
        if outside:
            worst = outside[0]
            return (
                f"{worst.metric} {_shown(worst.repeated)} instead of {_shown(worst.recorded)}, "
                f"which is more than {worst.allowed:.4g} apart"
            )
        return f"{len(apart)} of {len(self.metrics)} metrics differ, each within its tolerance"


def compare(build: "Build", rebuilt: "Rebuilt", share: float = SHARE) -> Comparison:
    """Holds a repetition against its record; `share` of half the interval is tolerated."""
    names = sorted({*build.metrics, *rebuilt.metrics})
    return Comparison(
        splits={
            name: rebuilt.splits.get(name) == digest
            for name, digest in {**dict.fromkeys(rebuilt.splits), **build.splits}.items()
        },
        model=(build.model_sha256, rebuilt.model_sha256),
        metrics=tuple(
            _difference(name, build.metrics.get(name), rebuilt.metrics.get(name), share)
            for name in names
        ),
        share=share,
        environment=environment_differences(build.training, rebuilt.training),
    )


def environment_differences(
    recorded: Mapping[str, Any], repeated: Mapping[str, Any]
) -> tuple[str, ...]:
    """Each fact of the environment that is not as it was, as a short sentence."""
    old, new = recorded["environment"], repeated["environment"]
    before, after = old["distributions"], new["distributions"]
    facts = [
        (name, before.get(name, "absent"), after.get(name, "absent"))
        for name in sorted({*before, *after})
    ]
    facts += [(key, old[key], new[key]) for key in ("python", "machine")]
    facts += [("arithmetic", "; ".join(old["arithmetic"]), "; ".join(new["arithmetic"]))]
    facts += [(key, recorded[key], repeated[key]) for key in ("seed", "threads", "hash_seed")]
    return tuple(f"{name}: {was} then, {now} now" for name, was, now in facts if was != now)


def _difference(
    name: str, recorded: Mapping[str, Any] | None, repeated: Mapping[str, Any] | None, share: float
) -> Difference:
    was, now = (one["value"] if one else None for one in (recorded, repeated))
    allowed = _allowed(recorded, share)
    if was is None or now is None:
        return Difference(name, was, now, allowed, was == now)
    return Difference(name, was, now, allowed, abs(was - now) <= allowed)


def _allowed(recorded: Mapping[str, Any] | None, share: float) -> float:
    if recorded is None or recorded["value"] is None:
        return 0.0
    low, high = recorded.get("low"), recorded.get("high")
    if low is None or high is None or low == high:
        return abs(float(recorded["value"])) * _OF_VALUE
    return float(high - low) / 2 * share


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
