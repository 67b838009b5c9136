"""The pages of specialist support."""
