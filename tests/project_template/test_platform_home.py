"""A generated repo says where its platform is: a URL anyone can install from, and no secret."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def platform_home(root: Path) -> ModuleType:
    """The template's module, which lies in no package."""
    file = root / "project_template" / "platform_home.py"
    spec = spec_from_file_location("platform_home", file)
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def checkout(folder: Path, remote: str | None = None) -> Path:
    """A stand-in for the platform: its folders, a bootstrap script and a commit."""
    (folder / "pipelines" / "modelyard").mkdir(parents=True)
    (folder / "pipelines" / "modelyard" / "__init__.py").write_text("")
    (folder / "tools").mkdir()
    (folder / "tools" / "bootstrap.py").write_text(
        "import pathlib, sys\n"
        "home = pathlib.Path(__file__).parent.parent / '.venv' / 'bin'\n"
        "home.mkdir(parents=True)\n"
        "(home / 'python').symlink_to(sys.executable)\n"
    )
    author = ("-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false")
    commands = [("init", "-q"), ("add", "-A"), (*author, "commit", "-q", "-m", "x")]
    commands += [("remote", "add", "origin", remote)] if remote else []
    for command in commands:
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://example.com/org/yard.git", "https://example.com/org/yard.git"),
        ("https://me:token@example.com/org/yard.git", "https://example.com/org/yard.git"),
        ("git@example.com:org/yard.git", "ssh://git@example.com/org/yard.git"),
        ("ssh://git@example.com/org/yard.git", "ssh://git@example.com/org/yard.git"),
        ("file:///srv/yard", "file://localhost/srv/yard"),
    ],
)
def test_requirement_names_the_remote_as_pip_reads_it(
    platform_home: ModuleType, tmp_path: Path, remote: str, url: str
) -> None:
    source = platform_home.source(checkout(tmp_path / "yard", remote))
    assert len(source.commit) == 40
    wanted = f"modelyard @ git+{url}@{source.commit}#subdirectory=pipelines"
    assert source.requirement == wanted


def test_folder_without_history_is_installed_from_disk(
    platform_home: ModuleType, tmp_path: Path
) -> None:
    assert platform_home.source(tmp_path).requirement == f"modelyard @ file://{tmp_path}/pipelines"


@pytest.fixture
def template_in(
    platform_home: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[Path], None]:
    """Pretends that the template lies in the given checkout."""
    monkeypatch.delenv("MODELYARD_HOME", raising=False)
    monkeypatch.setattr(platform_home, "CLONES", tmp_path / "cache")

    def place(folder: Path) -> None:
        monkeypatch.setattr(platform_home, "TEMPLATE", folder / "project_template")

    return place


def test_checkout_without_environment_is_set_up(
    platform_home: ModuleType, template_in: Callable[[Path], None], tmp_path: Path
) -> None:
    template_in(checkout(tmp_path / "yard"))
    assert platform_home.home() == tmp_path / "yard"
    assert platform_home.interpreter(tmp_path / "yard").exists()


def test_work_does_not_settle_in_a_passing_clone(
    platform_home: ModuleType, template_in: Callable[[Path], None], tmp_path: Path
) -> None:
    remote = "https://example.com/org/yard.git"
    clone = checkout(tmp_path / "clones" / "yard", remote)
    template_in(clone)
    home = platform_home.home(tmp_path / "clones")
    assert home.parent == tmp_path / "cache"
    assert platform_home.source(home) == platform_home.source(clone)


def test_named_checkout_saves_a_second_set_up(
    platform_home: ModuleType,
    template_in: Callable[[Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    template_in(checkout(tmp_path / "clones" / "yard"))
    monkeypatch.setenv("MODELYARD_HOME", str(checkout(tmp_path / "mine")))
    assert platform_home.home(tmp_path / "clones") == tmp_path / "mine"


def test_named_folder_that_is_no_checkout_is_refused(
    platform_home: ModuleType,
    template_in: Callable[[Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    template_in(tmp_path / "nowhere")
    monkeypatch.setenv("MODELYARD_HOME", str(tmp_path))
    with pytest.raises(platform_home.PlatformError, match="is no checkout of Modelyard"):
        platform_home.home()
