"""Open311 GeoReport v2, both ways: what others ask of this service, and what it asks of them."""
