"""What is done in the world, each thing once."""
