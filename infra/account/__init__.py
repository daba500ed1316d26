"""The account program: what exists once per account and belongs to no region."""
