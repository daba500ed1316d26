"""Builds a model once more from its package's own record, and compares."""
