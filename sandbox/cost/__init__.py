"""What a project's workspaces cost while nothing runs, from the rendered graph and dated prices."""
