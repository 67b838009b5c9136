"""Administration: accounts, rights, tokens, the town's files, outside connections, health."""
