"""Whether CI is green on a commit: what must report there, what did, and the verdict. Pure."""
