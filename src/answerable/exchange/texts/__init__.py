"""Texts to callers: the questions of a call-back, or the address of a page that asks them."""
