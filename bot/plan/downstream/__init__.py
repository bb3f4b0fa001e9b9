"""Downstream repositories: how their files move with a release. Pure."""
