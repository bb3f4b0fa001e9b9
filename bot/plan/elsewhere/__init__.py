"""Versions outside of manifests: places that are declared or known, and files that still say the old one."""
