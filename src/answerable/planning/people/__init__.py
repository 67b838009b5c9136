"""The people of the simulated town: each sends real commands, and knows what a screen shows."""
