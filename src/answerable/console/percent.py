"""A process that does long work beside the desks: it steps back for them and tells each percent."""

from __future__ import annotations

import os
import sys

NICE = 10


def step_back() -> None:
    """Let the desks go first from now on."""
    os.nice(NICE)


class Percent:
    """Prints each new percent on a line of its own, for the process that waits."""

    def __init__(self) -> None:
        self._told = -1

    def __call__(self, done: int, total: int) -> None:
        """Tell how much of it is done, where that is another percent."""
        percent = 100 * done // total
        if percent > self._told:
            self._told = percent
            sys.stdout.write(f"{percent}\n")
            sys.stdout.flush()
