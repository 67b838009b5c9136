"""Field reports at the desk: what is missing, what is asked for again, what the desk keyed."""
