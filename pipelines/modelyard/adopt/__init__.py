"""Bring your own repo: reads a team's code without running it, and writes what Modelyard needs."""
