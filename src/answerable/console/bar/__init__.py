"""The command bar: a one-line language with completion, preview and undo, at the foot of pages."""
