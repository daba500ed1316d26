"""The subcommands of `modelyard`: each file holds one, its arguments and what it prints."""
