"""Hooks: addresses outside that are told of events, in order, signed, and at least once."""
