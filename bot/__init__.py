"""Shipmate: a GitHub App that carries a release from a comment to the verified registries."""

__version__ = "0.1.0"
USER_AGENT = f"shipmate/{__version__} (+https://github.com/apps/shipmate)"
"""Who asks GitHub and the registries; crates.io wants a way to reach us in it (https://crates.io/data-access)."""
