"""The pages of problems: places that keep calling, and what is done until they have stopped."""
