"""Manifests and lock files: reading them, and the edits that a release makes in them byte for byte. Pure."""
