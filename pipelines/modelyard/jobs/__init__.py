"""What runs inside a job: pure functions from files to files."""
