"""One guardrail per file; a file that defines RULE is in force."""
