"""An AWS account on a laptop: the same APIs, compute that runs and IAM that bites."""
