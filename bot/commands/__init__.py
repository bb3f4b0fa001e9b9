"""What people can tell the bot in a comment."""

from bot.commands.parser import MOST_COMMANDS, Parsed, parse
from bot.commands.table import TABLE, Command, CommandError, Spec, Verb, help_table

__all__ = ["MOST_COMMANDS", "TABLE", "Command", "CommandError", "Parsed", "Spec", "Verb", "help_table", "parse"]
