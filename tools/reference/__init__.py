"""The generated reference: one module a group of pages, all of it read from the code."""
