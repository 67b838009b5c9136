"""The page on which a desk is handed from one person to the next."""
