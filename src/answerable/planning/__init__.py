"""Planning: the simulated town, in which the real hub and rules live through thousands of days."""
