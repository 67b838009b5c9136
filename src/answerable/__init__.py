"""Answerable: the whole life of an emergency call, timed and verifiable."""

__version__ = "0.1.0"
