"""A GitHub, a crates.io and a PyPI on loopback, over a real git repository; it imports nothing of the bot."""

from bot.sandbox.server import Sandbox

__all__ = ["Sandbox"]
