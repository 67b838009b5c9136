"""What anybody may see without an account: a caller's receipt, and the figures of every day."""
