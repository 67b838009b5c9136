"""Making a town's folder from OpenStreetMap data; ``answerable town build`` is its door."""
