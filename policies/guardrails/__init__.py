"""The guardrails: what no resource of the programs may be, whoever wrote it."""
