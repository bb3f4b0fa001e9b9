"""The language of `${{ … }}`: read, and what an expression comes to. Pure."""
