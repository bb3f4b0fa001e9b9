"""What is written to a repository."""
