"""The record's keeping at the console: backup and restore as commands, by themselves, and shown."""
