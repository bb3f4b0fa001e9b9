"""PyPI: what is asked of it, and how the answers are judged."""
