"""git in memory."""
