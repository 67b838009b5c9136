"""Who sits at which desk, and how a desk is handed from one person to the next."""
