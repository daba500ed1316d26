"""Forgetting a person: finding their rows wherever a project keeps rows, and removing them."""
