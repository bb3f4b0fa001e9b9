"""Shipmate: a GitHub App that carries a release from a comment to the verified registries."""

__version__ = "0.1.0"
