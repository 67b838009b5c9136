"""Intake: the ring, the answer, the incident and its notes; the first room of a call's life."""
