"""What must survive a restart, behind one class."""

from bot.store.records import Delivery, Effect, Lease, LeaseLost
from bot.store.store import Store

__all__ = ["Delivery", "Effect", "Lease", "LeaseLost", "Store"]
