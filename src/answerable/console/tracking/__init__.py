"""The page of tracked matters: whose they are, by when, and one matter with its story."""
