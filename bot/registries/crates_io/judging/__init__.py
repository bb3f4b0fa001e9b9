"""How what crates.io tells is judged: the evidence, line by line. Pure."""
