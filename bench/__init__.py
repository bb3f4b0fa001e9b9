"""Measurements: `make bench-plan`."""
