"""Every control is kept somewhere and proved by a test that exists; every guardrail serves one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from policies.controls import FAMILIES, Control, ControlsError, family, load, problems
from policies.guardrails.catalogue import all_rules

CONTROLS = load()


def test_controls_rules_tests_and_files_agree() -> None:
    assert list(problems(CONTROLS)) == []


def test_controls_have_names_of_their_own() -> None:
    assert len({each.id for each in CONTROLS}) == len(CONTROLS)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_framework_is_served(name: str) -> None:
    assert [each.id for each in CONTROLS if name in map(family, each.frameworks)]


def test_control_without_a_test_is_reported() -> None:
    assert "evidence-stays has no test" in broken("evidence-stays", tests=())


def test_test_that_is_gone_is_reported() -> None:
    gone = "tests/policies/test_controls.py::test_that_is_gone"
    (told,) = broken("evidence-stays", tests=(gone,))
    assert told == f"evidence-stays names the test {gone}, which does not exist"


def test_guardrail_without_a_control_is_reported() -> None:
    assert "guardrail data-capture belongs to no control" in broken("prediction-passport", rules=())


def test_guardrail_that_is_gone_is_reported() -> None:
    (told,) = broken("accountability", rules=("required-tags", "gone"))
    assert told == "accountability names the guardrail gone, which does not exist"


def test_file_that_is_gone_is_reported() -> None:
    enforced = (replace(CONTROLS[0].enforced[0], where="policies/gone.json"),)
    (told,) = broken(CONTROLS[0].id, enforced=enforced)
    assert told.endswith("is kept in policies/gone.json, which does not exist")


def test_citation_of_an_unlisted_requirement_is_reported() -> None:
    cited = (*CONTROLS[0].frameworks, "EU AI Act Art. 5")
    (told,) = broken(CONTROLS[0].id, frameworks=cited)
    assert told == f"{CONTROLS[0].id}: 'EU AI Act Art. 5' is not listed in frameworks.yaml"


def test_requirement_that_nothing_cites_is_reported() -> None:
    (one,) = [each for each in CONTROLS if "NIST AI RMF MEASURE 2.11" in each.frameworks]
    fewer = tuple(each for each in one.frameworks if each != "NIST AI RMF MEASURE 2.11")
    (told,) = broken(one.id, frameworks=fewer)
    assert told.startswith("NIST AI RMF MEASURE 2.11 is listed in frameworks.yaml, but nothing")


def test_incomplete_control_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "controls.yaml"
    file.write_text("controls: [{id: x, control: y, owner: z}]")
    with pytest.raises(ControlsError, match="control x lacks enforced, frameworks, tests"):
        load(file)


def test_guardrails_bring_their_references() -> None:
    rules = {rule.id: rule.references for rule in all_rules()}
    (control,) = [each for each in CONTROLS if each.id == "accountability"]
    assert set(rules["required-tags"]) < set(control.frameworks)


def broken(name: str, **changes: object) -> list[str]:
    """The problems once one control is changed."""

    def changed(each: Control) -> Control:
        return replace(each, **changes) if each.id == name else each  # type: ignore[arg-type]

    return list(problems(map(changed, CONTROLS)))
