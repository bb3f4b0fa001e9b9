"""GitHub's REST API as far as the bot uses it, one module per topic, and the HTTP face that serves it."""

from bot.sandbox.rest.app import ENDPOINTS, github_app

__all__ = ["ENDPOINTS", "github_app"]
