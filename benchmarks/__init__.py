"""Every number of the design that this program can show; run with ``make bench``."""
