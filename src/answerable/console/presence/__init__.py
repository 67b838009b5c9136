"""Who has what open at this moment: desks, never people; in memory, never recorded."""
