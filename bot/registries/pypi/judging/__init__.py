"""How what PyPI tells is judged: the evidence, line by line. Pure."""
