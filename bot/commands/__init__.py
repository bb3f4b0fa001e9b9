"""What people can tell the bot in a comment."""

from bot.commands.parser import MOST_COMMANDS, Parsed, parse
from bot.commands.table import COMMANDS, Command, CommandError, Spec, Verb, help_table

__all__ = ["COMMANDS", "MOST_COMMANDS", "Command", "CommandError", "Parsed", "Spec", "Verb", "help_table", "parse"]
