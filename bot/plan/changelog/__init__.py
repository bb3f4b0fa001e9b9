"""Changelogs: reading one, finding the one of a package, and the edits that a release makes in it. Pure."""
