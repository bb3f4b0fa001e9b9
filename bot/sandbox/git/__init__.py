"""git: the bare repositories that the stand-in GitHub keeps and anyone can clone."""
