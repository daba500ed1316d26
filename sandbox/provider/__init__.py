"""Pulumi without its CLI: runs the unmodified programs in-process, on the sandbox or on paper."""
