"""Where things are, never who: streets, travel times, snapping and areas of a town."""
