"""The door to the outside: webhooks in, health out; knows nothing of how releases work."""

from bot.web.door import make_app

__all__ = ["make_app"]
