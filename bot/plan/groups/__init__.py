"""Groups of packages: what one tag releases, as the tree, its tags and its configuration say."""

from bot.plan.groups.configured import Configured
from bot.plan.groups.find import find_groups, is_beside, most_used_first

__all__ = ["Configured", "find_groups", "is_beside", "most_used_first"]
