"""What a model repo's environment takes from the platform's, and what pip adds to it."""

import sys
from pathlib import Path

import pytest

from tools import layered, model_environment, torch_environment


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    """As a generated PyTorch repo has them, with what only another system needs."""
    file = tmp_path / "requirements.txt"
    file.write_text(
        "# What the image needs.\n"
        "modelyard @ git+https://example.com/platform@1234#subdirectory=pipelines\n"
        "PyYAML==1.0\n"
        "uvicorn[standard]\n"
        "no-such-library==2.0; sys_platform == 'nowhere'\n"
        "no-such-library==2.15.0\n"
    )
    return file


def test_generated_repo_takes_whatever_version_the_platform_has(requirements: Path) -> None:
    assert model_environment.absent(requirements) == ["no-such-library==2.15.0"]


def test_adopted_repo_gets_the_versions_it_states(requirements: Path) -> None:
    found = model_environment.unmet(requirements)
    assert found == ["PyYAML==1.0", "no-such-library==2.15.0"]


def test_what_is_installed_beside_the_platform_need_not_be_installed_again(
    requirements: Path, tmp_path: Path
) -> None:
    facts = tmp_path / "no_such_library-2.15.0+cpu.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Name: No_Such.Library\nVersion: 2.15.0+cpu\n")
    assert model_environment.absent(requirements, [tmp_path]) == []
    assert model_environment.unmet(requirements, [tmp_path]) == ["PyYAML==1.0"]


def test_layers_are_searched_in_order(tmp_path: Path) -> None:
    layered.packages(tmp_path).mkdir(parents=True)
    layered.layer(tmp_path, tmp_path / "torch")
    first, second = (layered.packages(tmp_path) / layered.LAYER).read_text().splitlines()
    assert str(Path(sys.prefix).resolve()) in first or sys.prefix in first
    assert str(tmp_path / "torch") in second


def test_pytorch_is_pinned_where_the_template_offers_it() -> None:
    assert [pin.partition("==")[0] for pin in torch_environment.pins()] == ["torch", "safetensors"]


def test_made_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stamp = tmp_path / "complete"
    stamp.write_text("\n".join((sys.version, *torch_environment.pins())))
    monkeypatch.setattr(torch_environment, "STAMP", stamp)
    monkeypatch.setattr(torch_environment, "create", None)
    assert torch_environment.main() == 0
