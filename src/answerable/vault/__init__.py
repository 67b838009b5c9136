"""Vault: who reads sealed words and why, what is kept from erasure, and what is erased when."""
