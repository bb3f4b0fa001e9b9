"""The world of a run: virtual time, a network that fails, and the bot's processes, which are killed and come back."""
