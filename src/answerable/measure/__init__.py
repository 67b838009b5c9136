"""What the service did, in numbers: facts folded from recorded events, and reports on them."""
