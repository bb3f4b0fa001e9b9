"""The people of a run, and what they do."""
