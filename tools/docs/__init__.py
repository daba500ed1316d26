"""The docs site: gathers pages, writes the reference, takes pictures, and calls mkdocs."""
