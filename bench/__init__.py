"""How fast we are beside the tools people would use instead, measured in the same run."""
