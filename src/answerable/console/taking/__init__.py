"""Taking a call: a form worked by keyboard alone, from the first word to the first unit sent."""
