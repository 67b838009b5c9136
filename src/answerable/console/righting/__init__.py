"""The pages of putting right: what is being put right, by when, and one with its story."""
