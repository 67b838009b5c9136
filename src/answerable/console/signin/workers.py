"""Slow work of the door, beside the event loop: two at once, a few waiting, the rest sent away.

A password costs a tenth of a second and 64 MiB on purpose. It runs in threads of the lowest
priority, so that whoever dispatches is served first however many sign in.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from answerable.console.sanity import Refused

AT_ONCE = 2
WAITING_MAX = 32
"""Sign-ins that wait: about two seconds' worth."""
NICE = 10
RETRY_S = 5

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """The threads, and how many ask for them."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, "door", initializer=step_back)
        self.asked = 0

    async def run(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Run slow work in a thread. Raises Refused (429) where too much waits already."""
        if self.asked >= AT_ONCE + WAITING_MAX:
            raise busy()
        self.asked += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, lambda: work(*args, **named))
        finally:
            self.asked -= 1

    def close(self) -> None:
        """Let what runs end, and take nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def step_back() -> None:
    """Give this thread the lowest claim on a processor; threads that it starts inherit it."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def busy() -> Refused:
    """Return the refusal of one sign-in too many."""
    refusal = Refused(
        429, "console.DoorBusy", "Not done.", "More people sign in than can be served at once.",
        "Try again in {seconds} s.", seconds=RETRY_S,
    )  # fmt: skip
    refusal.headers = {"retry-after": str(RETRY_S)}
    return refusal
