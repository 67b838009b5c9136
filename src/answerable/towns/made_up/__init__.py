"""Made-up calls for a town that has no records to show: shaped on real rates, always marked."""

MADE_UP = "made up"
"""The mark on every call, incident and report of made-up calls."""
