"""Changes that wait in files of their own: collected into the changelog as their tool would, and deleted. Pure."""
