"""What the jobs of a run build for PyPI, and which files that promises."""
