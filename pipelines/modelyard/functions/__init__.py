"""Lambda handlers: thin, boto3 and the standard library only."""
