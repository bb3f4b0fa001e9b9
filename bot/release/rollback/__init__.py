"""The rollback of a release: which one, how far it can go back, and what each step does. Pure."""
