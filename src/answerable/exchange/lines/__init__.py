"""Telephone lines: what any of them can say, a socket for a switchboard, and a simulated trunk."""
