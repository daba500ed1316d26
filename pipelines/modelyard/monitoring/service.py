"""Service health: errors, latency, saturation, silence, and whether capture keeps up."""

from collections.abc import Iterator, Sequence

from modelyard.captures import Account
from modelyard.monitoring.findings import Finding
from modelyard.monitoring.history import Earlier
from modelyard.monitoring.severity import above
from modelyard.monitoring.window import Window
from modelyard.pages.words import percent

# With so few requests a rate is an anecdote.
_FEW_REQUESTS = 20


def findings(window: Window, account: Account, history: Sequence[Earlier]) -> Iterator[Finding]:
    """What service and capture give cause to say."""
    yield from _silent(window, account, history)
    yield from _errors(window)
    yield from _slow(window)
    yield from _capture_gap(window, account)
    yield from _capture_lines(account, window)


def capture_gap(window: Window, account: Account) -> float | None:
    """The share of answered requests that left no record; below 0 when there are too many."""
    if not window.answered:
        return None
    return (window.answered - account.captured) / window.answered


def _silent(window: Window, account: Account, history: Sequence[Earlier]) -> Iterator[Finding]:
    if window.served or account.captured:
        return
    windows = 1 + _trailing_silence(history)
    busy = [earlier.served or earlier.rows for earlier in history if not earlier.is_silent]
    told = busy and 0 < window.thresholds.silent <= windows
    usual = sum(busy) / len(busy) if busy else 0.0
    yield Finding(
        "service:silent",
        "service",
        "critical" if told else "info",
        _silence(windows, usual),
        value=float(windows),
        threshold=float(window.thresholds.silent),
    )


def _trailing_silence(history: Sequence[Earlier]) -> int:
    """How many windows before this one had no request either."""
    count = 0
    for earlier in reversed(history):
        if not earlier.is_silent:
            break
        count += 1
    return count


def _silence(windows: int, usual: float) -> str:
    """Without any earlier traffic there is nothing to miss."""
    if not usual:
        return "No request came in this window, and none is known from an earlier one."
    since = "this window" if windows == 1 else f"the last {windows} windows"
    return (
        f"No request came in {since}; before, there were about {usual:,.0f} a window. Either "
        "nobody calls the endpoint any more, or calls do not arrive."
    )


def _errors(window: Window) -> Iterator[Finding]:
    if not window.served or window.served < _FEW_REQUESTS:
        return
    rules = (
        ("5xx", window.errors_5xx, window.thresholds.error_rate, 5.0, "failed in the server"),
        ("4xx", window.errors_4xx, window.thresholds.refused_rate, 5.0, "were refused as wrong"),
    )
    for name, count, threshold, critical_at, what in rules:
        if not count:
            continue
        rate = count / window.served
        severity = above(rate, threshold, critical_at)
        if severity:
            yield Finding(
                f"service:{name}",
                "service",
                severity,
                f"{percent(rate)} of {window.served:,} requests {what} ({name.upper()}); "
                f"the limit is {percent(threshold)}.",
                value=rate,
                threshold=threshold,
                share=min(1.0, rate),
                cause=_REFUSED if name == "4xx" else None,
            )


_REFUSED = "a client sends columns or values that the data contract does not know"


def _slow(window: Window) -> Iterator[Finding]:
    limits = window.thresholds
    if window.latency_p99_us is not None:
        slowest = window.latency_p99_us / 1000
        severity = above(slowest, limits.latency_p99_ms)
        if severity:
            yield Finding(
                "service:latency",
                "service",
                severity,
                f"One request in a hundred took longer than {slowest:,.0f} ms; "
                f"the limit is {limits.latency_p99_ms:,.0f} ms.",
                value=slowest,
                threshold=limits.latency_p99_ms,
                share=0.01,
            )
    for name, used in (
        ("processor", window.cpu_max_percent),
        ("memory", window.memory_max_percent),
    ):
        if used is not None and used > limits.utilisation:
            yield Finding(
                f"service:{name}",
                "service",
                "warning",
                f"The {name} was in use to {used:.0f}% at its peak; "
                f"the limit is {limits.utilisation:.0f}%.",
                value=used,
                threshold=limits.utilisation,
            )
    yield from _lag(window)


def _lag(window: Window) -> Iterator[Finding]:
    limit = window.thresholds.capture_lag_minutes
    if window.capture_lag_s is None or window.capture_lag_s <= 60 * limit:
        return
    minutes = window.capture_lag_s / 60
    yield Finding(
        "capture:lag",
        "capture",
        "warning",
        f"The last captured record is {minutes:,.0f} minutes older than the window's end; "
        f"the limit is {limit:,.0f} minutes. What is late is judged by a later window.",
        value=minutes,
        threshold=limit,
    )


def _capture_gap(window: Window, account: Account) -> Iterator[Finding]:
    gap, limit = capture_gap(window, account), window.thresholds.capture_gap
    if gap is None or (window.answered or 0) < _FEW_REQUESTS:
        return
    severity = above(abs(gap), limit, 0.5 / limit)
    if severity is None:
        return
    counts = f"{window.answered:,} answered, {account.captured:,} captured"
    if gap > 0:
        sentence = (
            f"{percent(gap)} of the answered requests left no record ({counts}): "
            "this report knows nothing of them."
        )
    else:
        sentence = f"There are more records than answered requests ({counts}): one count is wrong."
    yield Finding(
        "capture:gap",
        "capture",
        severity if gap > 0 else "warning",
        sentence,
        value=gap,
        threshold=limit,
        share=min(1.0, abs(gap)),
        cause="capture is sampled, switched off or late" if gap > 0 else None,
    )


def _capture_lines(account: Account, window: Window) -> Iterator[Finding]:
    if not account.lines:
        return
    limit = window.thresholds.malformed
    rules = (
        ("malformed", account.unusable, f"could not be used ({_reasons(account)})"),
        ("duplicates", account.duplicates, "repeat an inference id and were counted once"),
        ("skew", account.skewed, "name a time far from the hour for which they were stored"),
    )
    for name, count, what in rules:
        share = count / account.lines
        severity = above(share, 10 * limit if name == "duplicates" else limit, 20.0)
        if severity:
            yield Finding(
                f"capture:{name}",
                "capture",
                severity,
                f"{percent(share)} of {account.lines:,} captured lines {what}.",
                value=share,
                threshold=limit,
                share=min(1.0, share),
                cause=_CAUSES.get(name),
            )


_CAUSES = {
    "skew": "a clock is wrong, or capture was written hours late",
    "duplicates": "a client sends one inference id for many requests, or records came twice",
}


def _reasons(account: Account) -> str:
    listed = [f"{count:,}: {reason}" for reason, count in account.malformed.most_common(3)]
    if account.incomplete:
        listed.append(f"{account.incomplete:,}: a slice is missing")
    return "; ".join(listed)
