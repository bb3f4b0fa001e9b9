"""Who publishes what a plan releases, and what starts that."""
