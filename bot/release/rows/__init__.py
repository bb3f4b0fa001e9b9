"""The columns of the table: what a row of `bot.release.table` does, learns and says. Pure."""
