"""Compute that runs: jobs, pipelines and endpoints as local processes."""
