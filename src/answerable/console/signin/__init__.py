"""The door: how people and programs prove who they are."""
