"""What must survive a restart, behind one class."""

from bot.store.records import Attempts, Bookmark, Delivery, Intent, Lease, LeaseLost, Scan, Tried
from bot.store.store import Store

__all__ = ["Attempts", "Bookmark", "Delivery", "Intent", "Lease", "LeaseLost", "Scan", "Store", "Tried"]
