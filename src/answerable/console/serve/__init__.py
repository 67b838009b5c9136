"""A centre that runs for real: its settings, its start and end, its health, measures and log."""
