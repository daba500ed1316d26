"""The region program: what all workspaces of an account and region share."""
