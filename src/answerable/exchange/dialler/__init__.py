"""Diallers: what connects a desk with a caller who is rung back. Adapters outside."""
