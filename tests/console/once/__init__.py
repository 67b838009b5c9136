"""Commands given while the service cannot be reached."""
