"""The bad-input battery: requests no model should score, made from the model's own columns.

Each must be refused with a 4xx whose text names what is wrong, the column where there is one. A 5xx
would mean that any caller can make the endpoint look broken, and roll a release back by it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modelyard.functions.invocation import CSV, JSON, Invoker
from modelyard.functions.verification import Check
from modelyard.functions.verify_golden import body_of

# InvokeEndpoint takes 25 MB ("Amazon SageMaker Runtime: InvokeEndpoint", Body); more is for nobody.
OVERSIZED_BYTES = 25 * 1024 * 1024 + 1
_NUMERIC = ("number", "integer", "boolean", "date")
_MOST_COLUMNS = 40
_SHOWN = 3
UNKNOWN = "modelyard_no_such_column"


@dataclass(frozen=True)
class Probe:
    """A bad request; `names` must occur in the refusal."""

    what: str
    body: bytes
    names: str = ""
    content_type: str = JSON


def battery(row: Mapping[str, Any], columns: Sequence[Mapping[str, str]]) -> Iterator[Probe]:
    """Bad variants of a good row; `columns` are the model's features with name and kind."""
    for column in columns[:_MOST_COLUMNS]:
        name = column["name"]
        without = {key: value for key, value in row.items() if key != name}
        yield Probe(f"missing field {name}", body_of([without]), name)
        yield Probe(f"wrong type in {name}", body_of([{**row, name: [1]}]), name)
        if column["kind"] in _NUMERIC:
            yield Probe(f"text in {name}", body_of([{**row, name: "not-a-value"}]), name)
    numbers = [column["name"] for column in columns if column["kind"] in ("number", "integer")]
    for name in numbers[:1]:
        for what in ("NaN", "Infinity"):
            yield Probe(f"{what} in {name}", body_of([{**row, name: float(what)}]), name)
    yield Probe("unknown field", body_of([{**row, UNKNOWN: 1}]), UNKNOWN)
    yield Probe("empty body", b"", "empty")
    yield Probe("no rows", body_of([]), "row")
    yield Probe("malformed JSON", json.dumps({"instances": [row]}).encode()[:-3], "JSON")
    yield Probe("not UTF-8", b"\xff\xfe", "UTF-8")
    yield Probe("malformed CSV", b'a,b\n"1,2\n', "", CSV)
    yield Probe("CSV of unknown columns", f"{UNKNOWN}\n1\n".encode(), columns[0]["name"], CSV)
    yield Probe("wrong content type", b"<row/>", "content type", "text/xml")
    yield Probe("oversized", b" " * OVERSIZED_BYTES)


def try_all(invoke: Invoker, probes: Sequence[Probe]) -> Check:
    """Sends every probe; which were not refused as they should be."""
    problems = [problem for probe in probes if (problem := _problem(invoke, probe))]
    if problems:
        shown = "; ".join(problems[:_SHOWN])
        more = f"; and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        return Check("bad inputs", False, shown + more, {"probes": len(probes)})
    sentence = f"{len(probes)} bad requests refused with their reasons"
    return Check("bad inputs", True, sentence, {"probes": len(probes)})


def _problem(invoke: Invoker, probe: Probe) -> str | None:
    reply = invoke(probe.body, probe.content_type)
    if not 400 <= reply.status < 500:
        return f"{probe.what}: answered {reply.status}: {reply.text[:200]}"
    if probe.names.lower() not in _plain(reply.text).lower():
        return f"{probe.what}: the refusal does not name '{probe.names}': {reply.text[:200]}"
    return None


def _plain(text: str) -> str:
    """The refusal's text without JSON's escapes, in which a column's name could hide."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text
