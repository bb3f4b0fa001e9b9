"""Repositories that nobody tuned Shipmate for: real ones, reduced, and the situations that people report."""
