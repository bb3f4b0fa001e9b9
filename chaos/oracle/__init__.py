"""What a run is judged by: what was seen, and the properties that must hold of it."""
