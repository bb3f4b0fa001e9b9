"""What scripts run: shell commands, and the files of the repository that they start, as shell commands again. Pure."""
