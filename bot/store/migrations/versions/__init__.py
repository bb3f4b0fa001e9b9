"""One module a revision; a landed one is never edited."""
