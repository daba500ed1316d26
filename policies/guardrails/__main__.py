"""The Pulumi policy pack: constructing it starts the server that the engine asks."""

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.guardrails.pack import NAME, policies

PolicyPack(NAME, policies(), EnforcementLevel.MANDATORY)
