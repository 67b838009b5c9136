"""Specialist support: who asked for what, what it waits for, and one with its steps drawn."""
