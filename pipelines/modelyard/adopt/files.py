"""The files of an adopted repo: which there will be, under which names, and what they say."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from modelyard import definition, strict_yaml
from modelyard.adopt import adapter
from modelyard.adopt.errors import AdoptError
from modelyard.adopt.inspection import Inspection
from modelyard.adopt.interview import Answers
from modelyard.adopt.repository import is_part
from modelyard.adopt.requirements import requirements
from modelyard.adopt.template import Template, parts
from modelyard.adopt.writing import Plan
from modelyard.data import DataContract
from modelyard.project import Project, parse

MAKEFILE = "modelyard.mk"
THROUGH = "modelyard-%: ; @$(MAKE) --no-print-directory -f modelyard.mk $*"
IGNORED = ["/.venv-modelyard/", "/.modelyard-home", "/build/", "__pycache__/"]
CI_OF_OTHERS = (".gitlab-ci.yml", "Jenkinsfile", "azure-pipelines.yml", ".circleci", ".travis.yml")
CI = {"github": ".github/workflows/ci.yml", "gitlab": ".gitlab-ci.yml"}
OURS = {"github": ".github/workflows/modelyard.yml", "gitlab": ".gitlab/modelyard.yml"}


def plan(
    found: Inspection,
    answers: Answers,
    data: DataContract,
    template: Template,
    ci: str | None,
    makefile: bool,
) -> Plan:
    """All that adoption writes; AdoptError says what is in the way, before anything is written."""
    repo, made = found.repo, Plan()
    _refuse_taken(repo)
    code = adapter.code(answers.model, data)
    if code.startswith("modelyard_adapter:"):
        made.new[adapter.FILE] = adapter.adapter(answers.model, data)
    contract_file = _free(repo, "data_contract.yaml", "modelyard_contract.yaml", made)
    made.new[contract_file] = data.text(str(answers.data))
    text = _project_text(answers, template, code, contract_file)
    project = _parsed(text)
    made.new["project.yaml"] = text
    made.new["pipeline.json"] = definition.render(project)
    needs = requirements(repo, template.answer("__requirement"), template.answer("framework"))
    (made.added if needs.added else made.new)[needs.file] = needs.text
    made.notes += needs.notes
    image = _image(repo, made, template, needs.file, contract_file, answers.data)
    made.new[MAKEFILE] = _makefile(template, needs.file, image)
    _through(repo, made, makefile)
    made.add_lines(repo, ".gitignore", IGNORED)
    _ci(repo, made, template, ci, needs.file)
    made.new[".modelyard-home"] = f"{template.home}\n"
    return made


def _refuse_taken(repo: Path) -> None:
    for name in ("project.yaml", "pipeline.json", adapter.FILE, MAKEFILE):
        if (repo / name).exists():
            raise AdoptError(
                f"{name}: is there already and not Modelyard's; rename it and run again"
            )


def _free(repo: Path, name: str, otherwise: str, made: Plan) -> str:
    """A name that nothing of theirs has."""
    if not (repo / name).exists():
        return name
    if (repo / otherwise).exists():
        raise AdoptError(f"{name} and {otherwise}: are there already; rename one and run again")
    made.notes.append(f"your {name} is left alone; Modelyard's is {otherwise}")
    return otherwise


def _project_text(answers: Answers, template: Template, code: str, contract_file: str) -> str:
    """The template's project.yaml, with what only an adopted repo has to state."""
    text = template.render("project.yaml")
    source = template.answer("__data_file")
    stated = f"    source: {_quoted(str(answers.data))}\n"
    if contract_file != "data_contract.yaml":
        stated += f"    contract: {contract_file}\n"
    text = _replaced(text, rf'^    source: "?data/{re.escape(source)}"?\n', stated)
    return _replaced(text, r"^model:\n", f"model:\n  code: {code}\n")


def _replaced(text: str, pattern: str, instead: str) -> str:
    """The text with its one line of that pattern replaced."""
    changed, count = re.subn(pattern, lambda _: instead, text, flags=re.MULTILINE)
    assert count == 1, f"the template's project.yaml has {count} lines {pattern}"
    return changed


def _quoted(path: str) -> str:
    return path if re.fullmatch(r"[\w./-]+", path) else '"' + path.replace('"', '\\"') + '"'


def _parsed(text: str) -> Project:
    return parse(strict_yaml.parse(text))


def _image(
    repo: Path, made: Plan, template: Template, needs: str, contract_file: str, data: PurePosixPath
) -> str:
    """The Dockerfile, and what stays out of the image; the Dockerfile's name."""
    name = _free(repo, "Dockerfile", "Dockerfile.modelyard", made)
    text = template.render("Dockerfile").replace("requirements.txt", needs)
    text, count = re.subn(
        r"^COPY pyproject\.toml .*?(?=^ENV MODELYARD_PROJECT_FILE)",
        "COPY . .\nRUN python -m modelyard.adopt.environment\n",
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    assert count == 1, "the template's Dockerfile copies the repo in another way"
    made.new[name] = text
    out = [".git", ".venv*", "venv", "build", "**/__pycache__", "tests", "**/*.ipynb", "**/*.pkl"]
    out += [
        "**/*.joblib",
        ".env",
        ".modelyard-home",
        "data" if data.parts[0] == "data" else str(data),
    ]
    # BuildKit prefers the file that is named after the Dockerfile; other images keep their own.
    theirs = name != "Dockerfile" or (repo / ".dockerignore").exists()
    ignore = f"{name}.dockerignore" if theirs else ".dockerignore"
    made.new[ignore] = "".join(f"{line}\n" for line in out)
    return name


def _makefile(template: Template, needs: str, image: str) -> str:
    theirs = template.render("Makefile").replace(".venv/bin", ".venv-modelyard/bin")
    theirs = theirs.replace('"$(PLATFORM)/.venv-modelyard/bin', '"$(PLATFORM)/.venv/bin')
    theirs = theirs.replace("$$home/.venv-modelyard/bin", "$$home/.venv/bin")
    theirs = theirs.replace("requirements.txt", needs)
    theirs = theirs.replace("README.md tells how to push by hand", "by hand, make image does")
    if image != "Dockerfile":
        theirs = theirs.replace("--sbom=true", f"--file {image} --sbom=true")
    return template.render(f"../adopt/{MAKEFILE}", make=parts(theirs), requirements=needs)


def _through(repo: Path, made: Plan, add: bool) -> None:
    """How `make` in the repo reaches our targets, without names of theirs being taken."""
    theirs = next((n for n in ("GNUmakefile", "makefile", "Makefile") if (repo / n).exists()), None)
    if theirs is None:
        made.new["Makefile"] = f"include {MAKEFILE}\n"
    elif add:
        made.add_lines(repo, theirs, [THROUGH])
    else:
        made.notes.append(
            f"your {theirs} is left alone: use `make -f {MAKEFILE} try`, or let --makefile add the "
            f"line `{THROUGH}` for `make modelyard-try`"
        )


def _ci(repo: Path, made: Plan, template: Template, chosen: str | None, needs: str) -> None:
    if is_part(repo):
        made.notes.append("CI lies at the repository's root, not in this folder: none was written")
        return
    workflows = repo / ".github" / "workflows"
    theirs = [name for name in CI_OF_OTHERS if (repo / name).exists()]
    theirs += [".github/workflows"] if workflows.is_dir() and any(workflows.iterdir()) else []
    if theirs and chosen is None:
        made.notes.append(f"your CI ({theirs[0]}) is left alone; --ci github or gitlab adds ours")
        return
    place = chosen or template.answer("ci")
    name = OURS[place]
    if place == "gitlab" and not (repo / CI[place]).exists():
        name = CI[place]
    elif place == "gitlab":
        made.notes.append(f"include {name} in your .gitlab-ci.yml: `include: {{local: {name}}}`")
    if (repo / name).exists():
        raise AdoptError(f"{name}: is there already; rename it, or leave --ci out")
    text = template.render(CI[place]).replace(".venv/bin", ".venv-modelyard/bin")
    text = re.sub(r"\bmake (lint )?(?=[a-z])", f"make -f {MAKEFILE} ", text)
    made.new[name] = text.replace("requirements.txt", needs).replace(
        "name: ci\n", "name: modelyard\n"
    )
