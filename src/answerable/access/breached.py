"""Passwords that were breached elsewhere, looked up in a file that lies beside the centre.

The file is that of Have I Been Pwned's downloader: one line a password, the SHA-1 of its UTF-8 in
forty upper-case digits, a colon and a count, in order of the digests. It has tens of gigabytes and
stays on the disk; a look takes some thirty reads. Nothing is asked of anybody outside.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

LINE_MAX = 80
LINE = re.compile(rb"[0-9A-F]{40}(:[0-9]{1,12})?\r?\n?")
DIGITS = 40


class NotAList(ValueError):
    """The file is not such a list."""


class Breached:
    """A file of breached passwords, asked one at a time."""

    def __init__(self, path: Path) -> None:
        """Look whether it is one. Raises OSError where it cannot be read, NotAList."""
        self.path = path
        with path.open("rb") as held:
            first = held.readline(LINE_MAX)
            second = held.readline(LINE_MAX)
        if not LINE.fullmatch(first) or (second and not LINE.fullmatch(second)):
            raise NotAList("a line is not forty digits of a SHA-1, a colon and a count")
        if second and second[:DIGITS] <= first[:DIGITS]:
            raise NotAList("its lines are not in order of the digests")

    def holds(self, password: str) -> bool:
        """Say whether a password stands in the list. Raises OSError."""
        wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
        with self.path.open("rb") as held:
            low, high = 0, held.seek(0, 2)
            while low < high:  # the first line that begins at or behind ``low`` is looked at
                middle = (low + high) // 2
                held.seek(max(middle - 1, 0))
                if middle:
                    held.readline(LINE_MAX)  # to the beginning of a line
                line = held.readline(LINE_MAX)
                if not line or line[:DIGITS] > wanted:
                    high = middle
                elif line[:DIGITS] == wanted:
                    return True
                else:
                    low = held.tell()
        return False
