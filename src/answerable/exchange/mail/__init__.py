"""Referring by e-mail: letters out over a relay, replies in as files of RFC 5322."""
