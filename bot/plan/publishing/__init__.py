"""Which package an upload or a build is of, and what is said of its publisher before the tag."""
