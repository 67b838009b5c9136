"""The page on which a desk is handed over."""
