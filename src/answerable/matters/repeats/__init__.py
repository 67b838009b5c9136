"""Places that keep calling: what is usual there, what is found, and whether it stopped. Pure."""
