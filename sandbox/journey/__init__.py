"""The whole journey on a laptop: what `make demo` and a model repo's `make try` run."""
