"""Real packages, published by the real tools to the registry stand-ins, and what Shipmate finds then."""
