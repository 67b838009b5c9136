"""Faults of disk and process, imagined and real, on the real record: ``answerable drill``."""
