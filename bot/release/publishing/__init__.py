"""How publishing failed, and why. Pure."""
