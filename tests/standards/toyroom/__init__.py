"""A toy room after which clocks can run: errands instead of emergencies."""
