"""After an incident is closed: the caller is asked, and what was wrong is put right."""
