"""Who may come in: accounts of staff, tokens of programs, and addresses that are told of events."""
