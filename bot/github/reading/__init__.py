"""What is read of a repository."""
