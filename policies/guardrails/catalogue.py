"""Every rule in force, found by its file."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from policies.guardrails import rules
from policies.guardrails.rule import Rule


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """The rules by id."""
    found = [
        importlib.import_module(f"{rules.__name__}.{module.name}").RULE
        for module in pkgutil.iter_modules(rules.__path__)
    ]
    return tuple(sorted(found, key=lambda rule: rule.id))
