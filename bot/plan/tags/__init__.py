"""Which tags a package gets: what the tags that are there say, and the workflows that wait for tags."""

from bot.plan.tags.formats import TagFormat, TagFormats
from bot.plan.tags.history import History, canonical
from bot.plan.tags.ties import Ties

__all__ = ["History", "TagFormat", "TagFormats", "Ties", "canonical"]
