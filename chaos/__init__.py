"""Hostile runs of whole releases in virtual time: lost webhooks, failing calls, killed processes, odd people."""
