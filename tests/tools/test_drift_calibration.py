"""The calibration tool: what it finds holds for the defaults, and where its tables go."""

import pytest

from tools import drift_calibration as calibration


def test_undrifted_windows_are_hardly_ever_called_drifted() -> None:
    # Of 60 windows of 20 columns each, at the smallest size that is judged at all.
    found = calibration.outcomes(20, 200, 60)
    assert found["warning"] <= 0.05
    assert found["critical"] == 0


@pytest.mark.parametrize(
    "name", ["mean + 0.5 sd", "unit x 1000", "two categories swapped", "5 % more missing"]
)
def test_changes_that_matter_are_warned_of_in_a_thousand_rows(name: str) -> None:
    (change,) = [one for one in calibration.CHANGES if one.name == name]
    assert calibration.outcomes(6, 1_000, 8, change)["warning"] == 1


def test_a_shift_too_small_to_matter_is_not_warned_of() -> None:
    (change,) = [one for one in calibration.CHANGES if one.name == "mean + 0.1 sd"]
    found = calibration.outcomes(6, 5_000, 8, change)
    assert (found["info"] > 0.5, found["warning"]) == (True, 0)


def test_tables_go_between_their_markers_and_nowhere_else() -> None:
    page = f"before\n{calibration.BEGIN}\nold\n{calibration.END}\nafter\n"
    found = calibration.written(page, "| alarms |", "| noticed |")
    assert found.startswith(f"before\n{calibration.BEGIN}\n")
    assert found.endswith(f"\n{calibration.END}\nafter\n")
    assert "| alarms |" in found
    assert "old" not in found


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(SystemExit, match="put the markers back"):
        calibration.written("nothing", "", "")


def test_the_page_of_monitoring_has_the_markers() -> None:
    page = calibration.PAGE.read_text(encoding="utf-8")
    assert page.index(calibration.BEGIN) < page.index(calibration.END)
