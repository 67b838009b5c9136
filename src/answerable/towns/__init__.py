"""Towns: what a town says about itself, as data that every room may read."""
