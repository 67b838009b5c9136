"""The figures of what callers said: a table, a picture of how sure each share is, and a file."""
