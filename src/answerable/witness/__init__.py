"""Witnesses: an outsider signs only what extends the log it has seen: nothing is taken back."""
