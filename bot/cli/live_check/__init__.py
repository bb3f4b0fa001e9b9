"""`live-check`: what only the real GitHub can tell, tried step by step on a throw-away repository."""
