"""The only place where deciding meets the world: look, decide, act, record."""
