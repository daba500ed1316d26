# What Modelyard does in this repo: `make -f modelyard.mk help`. Its environment is .venv-modelyard,
# beside whatever you work in.
.DEFAULT_GOAL := help
.PHONY: help setup test render try image run
PYTHON ?= python3
{{ make.PIN }}{{ make.PLATFORM }}
help:  ## Show this list
	@sed -n 's/^\([a-z]*\):.*## */\1\t/p' modelyard.mk | expand -t 10

setup: .venv-modelyard/ready  ## Create .venv-modelyard (layered on the platform's, or by pip)

.venv-modelyard/ready: {{ requirements }} modelyard.mk
	@if [ -x "$(PLATFORM)/.venv/bin/python" ]; then \
		"$(PLATFORM)/.venv/bin/python" "$(PLATFORM)/tools/model_environment.py" . \
			--adopted {{ requirements }}; \
	else \
		$(PYTHON) -m venv --clear .venv-modelyard && \
		.venv-modelyard/bin/python -m pip install --quiet -r {{ requirements }} \
			'modelyard[authoring]' pytest && \
		.venv-modelyard/bin/python -m modelyard.adopt.environment; \
	fi
	@touch $@

test: setup  ## Check project.yaml, the data and the model's code (your own tests stay yours)
	@.venv-modelyard/bin/python -m pytest --quiet -c /dev/null --rootdir . -p no:cacheprovider \
		-p modelyard.checks.plugin --pyargs modelyard.checks

{{ make.render }}
{{ make.try }}
{{ make.REPOSITORY }}{{ make.TAG }}
{{ make.image }}
{{ make.run }}
