"""A three-way merge by git: what the template changed, into what the team made of it.

The template's two versions become two commits that no branch names, and the second is picked onto
the team's: a team's edits stay, renames are followed, and a conflict looks like any other.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelyard.errors import ModelyardError
from modelyard.project import load
from modelyard.upgrade.git import GitError, author, git, tried
from modelyard.upgrade.lists import LISTS


@dataclass(frozen=True)
class Merged:
    """What became of the template's changes.

    Attributes:
        changed: files that now differ from what was committed.
        conflicts: files in which a person decides between two versions.
        kept: the team's files that the template would have removed or replaced.
    """

    changed: tuple[str, ...]
    conflicts: tuple[str, ...]
    kept: tuple[str, ...]


def merge(repo: Path, old: Path, new: Path, label: str, skip: Sequence[str]) -> Merged:
    """Apply the way from one rendering to the next; both folders lose what is not to be merged."""
    theirs = set(tracked(repo))
    deleted = [name for name in files(old) if name not in theirs]
    for folder in (old, new):
        without(folder, [*skip, *deleted])
        carry_ignored_data(repo, folder)
    base = _commit(repo, old, "What the template was", ())
    target = _commit(repo, new, label, ("-p", base))
    picked = tried(
        repo,
        "-c",
        "merge.directoryRenames=false",
        "-c",
        "merge.conflictStyle=merge",
        "cherry-pick",
        "--no-commit",
        target,
        environment=author(repo),
    )
    unmerged = _unmerged(repo)
    if picked.returncode and not unmerged:
        raise GitError(f"the template's changes do not apply: {picked.stderr.strip()}")
    unmerged = {
        name: stages
        for name, stages in unmerged.items()
        if not _settled_as_list(repo, name, stages)
    }
    kept = [name for name, stages in unmerged.items() if _is_the_teams(name, stages)]
    for name in kept:
        git(repo, "checkout", "--ours", "--", name)
        git(repo, "add", "--", name)
    if "project.yaml" not in kept and _keep_valid(repo):
        kept.append("project.yaml")
    changed = git(repo, "diff", "--name-only", "--relative", "-z", "HEAD")
    return Merged(
        changed=tuple(filter(None, changed.split("\0"))),
        conflicts=tuple(sorted(set(unmerged) - set(kept))),
        kept=tuple(sorted(kept)),
    )


def tracked(repo: Path) -> list[str]:
    """The files that git knows, by path from the repo's folder."""
    return [name for name in git(repo, "ls-files", "-z").split("\0") if name]


def files(folder: Path) -> list[str]:
    """The files of a folder, by path in it."""
    return [
        file.relative_to(folder).as_posix() for file in sorted(folder.rglob("*")) if file.is_file()
    ]


def without(folder: Path, paths: Iterable[str]) -> None:
    """Remove what the merge must not see; a path may be a pattern."""
    for pattern in paths:
        for path in sorted(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def carry_ignored_data(repo: Path, folder: Path) -> None:
    """Lines that keep large data out of git were written for these data, not by the template."""
    stated, rendered = repo / ".gitignore", folder / ".gitignore"
    if not (stated.is_file() and rendered.is_file()):
        return
    lines = [line for line in stated.read_text().splitlines() if line.startswith("/data/")]
    text = rendered.read_text()
    rendered.write_text(
        text + "".join(f"{line}\n" for line in lines if line not in text.splitlines())
    )


def _commit(repo: Path, folder: Path, message: str, parent: Sequence[str]) -> str:
    """A commit of a folder's files, where the repo's own lie."""
    directory = git(repo, "rev-parse", "--absolute-git-dir")
    prefix = git(repo, "rev-parse", "--show-prefix")
    with tempfile.TemporaryDirectory() as scratch:
        environment = {
            **author(repo),
            "GIT_DIR": directory,
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": f"{scratch}/index",
        }
        git(folder, "add", "--all", "--force", ".", environment=environment)
        tree = git(folder, "write-tree", environment=environment)
        if prefix:
            environment["GIT_INDEX_FILE"] = f"{scratch}/nested"
            git(folder, "read-tree", f"--prefix={prefix}", tree, environment=environment)
            tree = git(folder, "write-tree", environment=environment)
        return git(folder, "commit-tree", *parent, "-m", message, tree, environment=environment)


def _unmerged(repo: Path) -> dict[str, set[int]]:
    """The stages by file in conflict: 1 what it was, 2 the team's, 3 the template's."""
    found: dict[str, set[int]] = {}
    for entry in git(repo, "ls-files", "--unmerged", "-z").split("\0"):
        if entry:
            facts, name = entry.split("\t", 1)
            found.setdefault(name, set()).add(int(facts.split()[2]))
    return found


def _keep_valid(repo: Path) -> bool:
    """Whether project.yaml went back to what the team stated: merged, it was no valid project."""
    file = repo / "project.yaml"
    if not file.is_file() or _is_valid(file):
        return False
    merged = file.read_bytes()
    git(repo, "checkout", "HEAD", "--", file.name)
    if _is_valid(file):
        return True
    file.write_bytes(merged)
    return False


def _is_valid(file: Path) -> bool:
    try:
        load(file)
    except ModelyardError:
        return False
    return True


def _settled_as_list(repo: Path, name: str, stages: set[int]) -> bool:
    """Whether a file in conflict is a list whose entries do not contradict each other."""
    settle = LISTS.get(name)
    if settle is None or not {2, 3} <= stages:
        return False
    sides = ["" if side not in stages else _side(repo, name, side) for side in (1, 2, 3)]
    merged = settle(*sides)
    if merged is None:
        return False
    (repo / name).write_text(merged, encoding="utf-8")
    git(repo, "add", "--", name)
    return True


def _side(repo: Path, name: str, stage: int) -> str:
    return tried(repo, "show", f":{stage}:./{name}").stdout


def _is_the_teams(name: str, stages: set[int]) -> bool:
    """Files that the template dropped but the team edited, and those that markers would break."""
    return 2 in stages and (3 not in stages or name.endswith(".ipynb"))
