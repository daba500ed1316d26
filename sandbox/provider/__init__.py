"""Pulumi without its CLI: runs the unmodified programs in-process against the sandbox or on paper."""
