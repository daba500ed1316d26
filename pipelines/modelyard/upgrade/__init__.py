"""Brings a model repo to another version of the platform: the template's changes, merged by git."""
