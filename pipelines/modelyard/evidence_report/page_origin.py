"""The page about where the model comes from: purpose and owner, data, and how it was built."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.pages.tables import Html, code, facts, section, table
from modelyard.pages.words import moment, percent

_SHOWN = 15
_DECIDES = {
    "sole": "the model decides alone",
    "assisted": "the model assists a person, who decides",
}
_ROWS = {
    "total": "rows read",
    "train": "training",
    "validation": "validation",
    "test": "test: never seen in training",
    "duplicates": "left out as repeated",
    "without_target": "left out: outcome unknown",
    "expired": "left out: older than their retention",
}
Document = Mapping[str, Any]


def purpose(document: Document) -> str:
    """What the model is for and who answers for it."""
    found = document["purpose"]
    business, risk = found["business"], found["risk"]
    rows = [
        ("Objective", business["objective"]),
        ("Measured by", business["kpi"]),
        ("Owner in the business", business["owner"]),
        ("Expert", business["expert"]),
        ("Owner of the project", f"{found['owner']} (cost center {found['cost_center']})"),
        ("Risk tier", risk["tier"]),
        ("Who decides", _DECIDES.get(risk["decision"], risk["decision"])),
        ("Predicts", f"{found['target']} ({found['problem']})"),
        ("Protected attributes", ", ".join(found["protected"]) or "none stated"),
    ]
    rows += [(name, text) for name, text in _risk(risk)]
    body = facts("As stated and reviewed in project.yaml", rows)
    hazards = risk.get("hazards") or ()
    if hazards:
        body += table(
            "Hazards, and what is done about them",
            ("hazard", "mitigation", "risk left"),
            ((one["hazard"], one["mitigation"], one["residual"]) for one in hazards),
        )
    return section("purpose", "Purpose and owner", body)


def _risk(risk: Document) -> Iterator[tuple[str, str]]:
    names = {
        "intended_uses": "Intended uses",
        "out_of_scope": "Not meant for",
        "limitations": "Limitations",
        "human_review": "Human review",
        "review_date": "Risks reviewed",
    }
    yield from ((told, str(risk[name])) for name, told in names.items() if risk.get(name))
    for name, address in sorted((risk.get("documents") or {}).items()):
        if address:
            yield f"Assessment: {name.replace('_', ' ')}", address


def data(document: Document) -> str:
    """Data sets, files, rows and their quality."""
    found = document["data"]
    body = "".join(_set(one) for one in found["sets"]) + _rows(found) + _files(found)
    for name, told in sorted(found["treatment"].items()):
        body += facts(f"Treatment: {name.replace('_', ' ')}", _flat(told))
    return section("data", "Data and its quality", body + _schema(found) + _quality(found))


def _set(found: Document) -> str:
    stated = [
        (name.replace("_", " "), _said(value))
        for name, value in found.items()
        if name != "name" and value not in (None, [], {})
    ]
    return facts(f"Data set {found['name']}", stated)


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {_said(one)}" for name, one in value.items())
    return ", ".join(map(_said, value)) if isinstance(value, list) else str(value)


def _flat(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [(str(name).replace("_", " "), _said(one)) for name, one in value.items()]
    return [("recorded", _said(value))]


def _rows(found: Document) -> str:
    if not found["rows"]:
        return "<p>The dataset manifest was not read.</p>"
    order = {name: place for place, name in enumerate(_ROWS)}
    counts = sorted(found["rows"].items(), key=lambda one: (order.get(one[0], 99), one[0]))
    rows = [
        (_ROWS.get(name, name.replace("_", " ")), f"{count:,}" if isinstance(count, int) else count)
        for name, count in counts
    ]
    rows.append(("set by", found["split"] or "not known"))
    rows.append(("identity of the rows (sha256)", code(found["sha256"])))
    return facts("Rows, and which set each went to", rows)


def _files(found: Document) -> str:
    if not found["files"]:
        return ""
    return table(
        "Files as they were read",
        ("file", "rows", "bytes", "version in S3", "sha256"),
        (
            (
                one.get("name"),
                f"{one.get('rows', 0):,}",
                f"{one.get('bytes', 0):,}",
                code(one.get("version_id") or "not known"),
                code(one.get("sha256")),
            )
            for one in found["files"]
        ),
    )


def _schema(found: Document) -> str:
    uses: dict[str, list[str]] = {}
    for column in found["schema"]:
        use = str(column.get("use"))
        uses.setdefault("not used" if use == "drop" else use, []).append(str(column.get("name")))
    if not uses:
        return ""
    if found["ignored_columns"]:
        uses["not in the contract"] = found["ignored_columns"]
    rows = [(name, ", ".join(columns)) for name, columns in sorted(uses.items())]
    return facts("What each column is used for", rows)


def _quality(found: Document) -> str:
    columns = found["quality"]
    if not columns:
        return "<p>The quality of the training rows is not known: there is no profile.</p>"
    flawed = [one for one in columns if one["missing"] or one["malformed"]]
    told = (
        f"<p>{len(columns) - len(flawed)} of {len(columns)} columns are complete and well-formed "
        "in the training rows.</p>"
    )
    if not flawed:
        return told
    flawed.sort(key=lambda one: (-one["missing"] - one["malformed"], one["column"]))
    return told + table(
        "Columns with missing or malformed values, the worst first",
        ("column", "used as", "missing", "share missing", "malformed"),
        (
            (
                one["column"],
                one["role"],
                f"{one['missing']:,}",
                percent(one["missing"] / one["rows"]) if one["rows"] else "–",
                f"{one['malformed']:,}",
            )
            for one in flawed[:_SHOWN]
        ),
    )


def making(document: Document) -> str:
    """The run that made the model."""
    found = document["making"]
    rows = [
        ("Started by", found["trained_by"] or "not known"),
        ("Run", _code(found["run"])),
        ("Began", _time(found["started"])),
        ("Ended as", f"{found['status'] or 'not known'}, {_time(found['ended'])}"),
        ("Code commit", _code(found["code_commit"])),
        ("Image digest", _code(found["image_digest"])),
        ("Model file (sha256)", _code(found["model_sha256"])),
        ("Instance type", found["instance_type"]),
        ("Hyperparameters", _said(found["hyperparameters"]) or "the code's defaults"),
        ("Compared with the version before", found["champion"] or "not recorded"),
    ]
    body = facts("Who, from what, with what", rows)
    if found["steps"]:
        body += table(
            "Steps of the run",
            ("step", "status", "began", "ended"),
            (
                (one["name"], one["status"], _time(one["started"]), _time(one["ended"]))
                for one in found["steps"]
            ),
        )
    if found["parameters"]:
        rows = [(name, _code(value)) for name, value in sorted(found["parameters"].items())]
        inner = facts("Parameters of the run", rows)
        body += f"<details><summary>Parameters of the run</summary>{inner}</details>"
    return section("making", "How it was built", body)


def _code(text: str | None) -> str | Html:
    return code(text) if text else "not known"


def _time(text: str | None) -> str:
    return f"{moment(text)} UTC" if text else "–"
