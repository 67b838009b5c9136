"""Calls that ring: the strip on every page of whoever may answer, the claim, the page of calls."""
