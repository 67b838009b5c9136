"""What keeps rules from being tried, in three sentences."""

from __future__ import annotations


class NotTried(Exception):
    """Rules that cannot be tried. Its text is one line: not done, because of what, instead."""

    def __init__(self, not_done: str, because: str, instead: str) -> None:
        """Keep the three sentences."""
        self.parts = (not_done, because, instead)
        super().__init__(" ".join(self.parts))
