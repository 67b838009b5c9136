"""Moving units about, as pages have it: what to offer, sending all at once, a unit's own page."""
