"""The kernel: how a command becomes recorded events. It knows no service."""
