"""The standard checks of a model repo: its data, its model and its pipeline.

A repo's pyproject.toml says `-p modelyard.checks.plugin`, and `pytest` runs them beside the team's
own tests. The plugin gives those tests `project`, `contract`, `table` and `model` too. A check that
fails is one sentence with file, key and fix.
"""
