"""Ringing a caller back by the dialler of the centre, from the page of call-backs."""
