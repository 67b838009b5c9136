"""``answerable bench``: the real server under signed-in clients, measured from outside."""
