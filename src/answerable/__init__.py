"""Answerable: the whole life of an emergency call, timed and verifiable."""
