"""What the ecosystems themselves define: versions, requirements, platforms, names. Pure; imports nothing of the bot."""
