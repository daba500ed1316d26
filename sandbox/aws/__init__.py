"""AWS operations the sandbox adds, one file per service."""
