"""Places that keep calling: the page, the command, and the process that looks for them."""
