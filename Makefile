# Modelyard: everything a person does here is a target; `make help` lists them.
PYTHON ?= python3
VENV := .venv/bin
KEEP ?=
PORT ?= 0
WORKERS ?= 2
TYPED := infra policies sandbox pipelines/modelyard tools bench project_template/*.py
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH
unexport VIRTUAL_ENV
unexport MAKEFLAGS

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-stop test test-all torch lint bench bench-all smoke-aws format docs docs-serve docs-pictures requirements clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## create or update .venv from the pinned requirements
	@$(PYTHON) tools/bootstrap.py

demo: setup ## the whole journey on an embedded AWS sandbox (KEEP=1 leaves it serving, PORT=N)
	@$(VENV)/python -m sandbox demo --port $(PORT) $(if $(KEEP),--keep)

demo-stop: setup ## stop the sandbox that `make demo KEEP=1` left serving
	@$(VENV)/python -m sandbox demo-stop

test: setup ## run the tests (needs only Python, git and make)
	@$(VENV)/python -m pytest -q -n $(WORKERS) --dist loadfile -m "not slow"

test-all: setup ## run every test, slow ones too; lists what it skipped and why
	@$(VENV)/python -m pytest -n $(WORKERS) --dist loadfile -rs

torch: setup ## PyTorch beside .venv, in build/torch (gigabytes on Linux), and the tests that need it
	@$(VENV)/python tools/torch_environment.py
	@build/torch/bin/python -m pytest -q -m "torch and not slow" tests

lint: setup ## ruff and mypy, no changes made
	@$(VENV)/ruff check . project_template/*.py && $(VENV)/ruff format --check . project_template/*.py
	@$(VENV)/mypy $(TYPED)

format: setup ## let ruff rewrite what it can
	@$(VENV)/ruff check --fix . ; $(VENV)/ruff format .

smoke-aws: setup ## checks on a real account, priced and asked first (PROFILE=name PROJECT=path/project.yaml)
	@MODELYARD_SMOKE_PROFILE=$(PROFILE) MODELYARD_SMOKE_PROJECT=$(PROJECT) YES=$(YES) \
		$(VENV)/python tests/smoke_aws/run.py

bench: setup ## measure against peers in the same run; table and build/bench.json
	@$(VENV)/python -m bench

bench-all: setup ## bench, with the rows that take longer
	@$(VENV)/python -m bench --all

docs: setup ## build the docs site in build/site; a broken link or a page outside the nav fails it
	@$(VENV)/python -m tools.docs build

docs-serve: setup ## serve the docs site on this machine, and follow edits (PORT=N)
	@$(VENV)/python -m tools.docs serve $(if $(filter-out 0,$(PORT)),--port $(PORT))

docs-pictures: setup ## screenshots for the docs, of what `make demo KEEP=1` has to show (Chromium)
	@$(VENV)/python -m tools.docs pictures

requirements: setup ## pin requirements.in, what docs and the benchmarks' peers need, with hashes
	@for pins in requirements.in docs/*.in bench/peers/*.in; do \
		$(VENV)/uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
			--no-emit-index-url --custom-compile-command "make requirements" \
			$$pins -o $${pins%.in}.txt || exit 1; \
	done

clean: ## remove build output and caches (keeps .venv)
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
