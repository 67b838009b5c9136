"""Standards: what the service promised, timed. One engine of clocks, promises as data."""
