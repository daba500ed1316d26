"""Pulumi without the CLI: the in-process engine and the AWS resource handlers."""
