"""A trace as people read it who are no engineers."""

from collections.abc import Iterator, Sequence

from modelyard.trace.backward import Learned, Wanted
from modelyard.trace.hops import Trace
from modelyard.trace.served import Served

_MARKS = {"proved": "proved", "not provable": "not provable", "broken": "DOES NOT AGREE"}


def forward(found: Trace) -> Iterator[str]:
    """A prediction's way back, one hop after the other."""
    yield f"Prediction {found.inference_id} in {found.environment}"
    yield from _rows(found)
    yield ""
    for hop in found.hops:
        yield f"{hop.name}: {hop.says}"
        yield f"    {_MARKS[hop.proof]}: {hop.reason}"
    yield ""
    proved = sum(hop.proof == "proved" for hop in found.hops)
    unsure = [hop.name for hop in found.hops if hop.proof == "not provable"]
    told = f"{proved} of {len(found.hops)} steps are proved"
    if unsure:
        told += f"; not provable here: {', '.join(dict.fromkeys(unsure))}"
    if found.broken:
        told += (
            f"; WHAT IS STORED CONTRADICTS THE RECORD: {', '.join(h.name for h in found.broken)}"
        )
    yield told


def _rows(found: Trace) -> Iterator[str]:
    record = found.prediction
    if record is None:
        yield "    what was asked and answered: not shown, this caller has no captured record of it"
        return
    for asked, answered in zip(record.rows, record.predictions, strict=True):
        yield f"    asked     {_fields(asked)}"
        yield f"    answered  {_fields(answered)}"


def _fields(row: object) -> str:
    if not isinstance(row, dict):
        return str(row)
    return ", ".join(f"{name} {value}" for name, value in sorted(row.items()))


def backward(wanted: Wanted, found: Sequence[Learned], gaps: Sequence[str]) -> Iterator[str]:
    """Every model that learned from the data, and where it serves."""
    if not found:
        yield f"no model version learned from {wanted.name}"
    else:
        plural = "" if len(found) == 1 else "s"
        yield f"{len(found)} model version{plural} learned from {wanted.name}"
    for one in found:
        production = f", for production {one.package.production}" if one.package.production else ""
        yield f"version {one.package.version}: {one.package.status}{production}"
        for file in one.files:
            yield f"    from {file['uri']}, version {file['version_id']}"
        for environment, served in one.served.items():
            yield f"    {environment}: {'; '.join(_period(period) for period in served)}"
        if not one.served:
            yield "    never answered anywhere"
    for gap in gaps:
        yield f"not looked into: {gap}"


def _period(period: Served) -> str:
    start = f"{period.start:%Y-%m-%d %H:%M}"
    if period.end is None:
        return f"answers now, since {start} UTC"
    return f"answered from {start} to {period.end:%Y-%m-%d %H:%M} UTC"
