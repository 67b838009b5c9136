"""Trying other rules of sending on a past day: the command and the page."""
