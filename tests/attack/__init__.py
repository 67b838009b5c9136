"""What somebody could try against a centre, and that it comes to nothing."""
