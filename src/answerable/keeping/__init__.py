"""The record's keeping: backups, restoring, the keys of the log, witnesses, and their alarms."""
