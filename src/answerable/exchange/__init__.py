"""One folder per outside format; each turns bytes from elsewhere into commands, or the reverse."""
