"""Alerting over a running centre: channels, the next unit proposed, what supervisors are told."""
