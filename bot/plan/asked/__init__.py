"""Which version a request means for a package, held against what was released of it. Pure."""
