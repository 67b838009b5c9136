"""Disclosure: what a caller, and anybody, may see of what the service did."""
