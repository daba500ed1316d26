"""The platform as Pulumi programs: what exists in each account, region and project environment."""
