"""What a caller says of it by themselves: by the page or the text that a single-use token opens."""
