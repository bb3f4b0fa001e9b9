"""Taking up what is open from GitHub, when the store does not know of it."""
