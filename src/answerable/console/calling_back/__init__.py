"""The page on which callers are rung back: the queue of a day, and one caller at a time."""
