"""Who is on what at this moment, and that what a person is at stays theirs."""
