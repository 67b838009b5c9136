"""Referring to other agencies: the page, the doors by which they answer, and what carries it."""
