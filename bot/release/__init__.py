"""One release through its life: what it is, what a look found, what to do next. Pure."""
