"""What is put right in a demonstration: made-up desks and crews after a caller was unhappy.

Whoever is unhappy comes from ``demo_call_backs``. Here a simulated desk takes most of what is open,
speaks with the caller, asks the crews for their accounts, says what was done and rings again; a
fifth is left to people for a day, so that some of it comes near its date and past it.

How fast a service puts right is published by few: Guangzhou and Chongqing promise 24 hours to a
human and five working days, and nobody says how often that is kept; the times and shares here are
this module's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from answerable.console.demo_call_backs import THOUSAND, drawn, share
from answerable.followup import right_words as w
from answerable.followup.right_rules import DONE, HEARD, OPEN, OVERSIGHT
from answerable.followup.state import Right
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Hub

Ask = Callable[[Command, Actor], Any]
DESK = Actor(name="simulated call-back desk", role="call_back")
WATCH = Actor(name="simulated oversight", role="oversight")
MINUTE_US = 60_000_000
EVERY_US = 5 * MINUTE_US
LEFT, LEFT_US = 200, 30 * 60 * MINUTE_US
"""Of a thousand those left to whoever sits at the demonstration, and for how long at first."""
STEP_US = (40 * MINUTE_US, 900 * MINUTE_US)
"""The shortest and the longest time from one step to the next."""
ACCOUNT_LATE, REACHED, CONTENT, NO_FAULT = 250, 620, 850, 300
"""Of a thousand: accounts that a crew is late with; rings that reach; callers content at last;
matters in which oversight finds no fault."""
WHATS = (w.What.EXPLAINED, w.What.APOLOGISED, w.What.INSTRUCTED, w.What.DONE_AGAIN)
SPOKEN = ("Nobody told me that it would take so long.", "I had to explain it three times.",
          "They left before it was over.")  # fmt: skip
ACCOUNTS = ("We came from the far end of the district; the road was closed.",
            "We did what we could; the rest was for another service.")  # fmt: skip
CONTENTED = "Thank you for ringing again."
UNCONTENTED = "That does not help me."


class PutRights:
    """The simulated desk, crews and oversight. Lives beside the simulated call-backs."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._next_us = 0
        self._due: dict[str, int] = {}

    def run(self, now_us: int, ask: Ask) -> None:
        """Do the next step of each whose time has come, up to a moment (UTC microseconds)."""
        if now_us < self._next_us:
            return
        self._next_us = now_us + EVERY_US
        rights: dict[str, Right] = self._hub.state["followup"].rights
        for name, right in list(rights.items()):
            due_us = self._due.setdefault(name, right.opened_us + self._waits(name, right))
            if max(due_us, right.again_us) > now_us:  # who was rung lately is left in peace
                continue
            for command, actor in self._next(name, right):
                ask(command, actor)
            if name in rights:
                self._due[name] = now_us + self._waits(name, rights[name])
        self._due = {name: due_us for name, due_us in self._due.items() if name in rights}

    @staticmethod
    def _waits(name: str, right: Right) -> int:
        if not right.owner and drawn(name, "left") < LEFT:
            return LEFT_US
        least, most = STEP_US
        nth = f"{right.state}{right.owner}{len(right.given)}{right.tries}"
        return least + int((most - least) * share(name, nth))

    def _next(self, name: str, right: Right) -> Iterator[tuple[Command, Actor]]:
        """Yield what is done next, and who does it."""
        about: dict[str, Any] = {"incident": right.incident, "right": name}
        if right.state == OPEN:
            yield from self._begun(name, right, about)
        elif right.state == HEARD:
            yield from self._worked(name, right, about)
        elif right.state == DONE:
            yield self._rung(name, right, about), DESK
        elif right.state == OVERSIGHT:
            found = w.Found.NO_FAULT if drawn(name, "fault") < NO_FAULT else w.Found.PUT_RIGHT
            yield w.JudgePutRight(**about, key=f"right:{name}:judge", found=found,
                                  reason="seen in the record of the call"), WATCH  # fmt: skip

    def _begun(
        self, name: str, right: Right, about: dict[str, Any]
    ) -> Iterator[tuple[Command, Actor]]:
        if not right.owner:
            owner = "supervisor" if drawn(name, "owner") < THOUSAND // 4 else "call_back"
            yield w.OwnPutRight(**about, key=f"right:{name}:own", owner=owner), DESK
            return
        words = SPOKEN[drawn(name, "spoken") % len(SPOKEN)]
        yield w.SpokeWithCaller(**about, key=f"right:{name}:spoke", words=words), DESK
        for unit in right.units[:2]:
            yield w.AskAccount(**about, key=f"right:{name}:ask:{unit}", unit=unit), DESK

    def _worked(
        self, name: str, right: Right, about: dict[str, Any]
    ) -> Iterator[tuple[Command, Actor]]:
        owing = [unit for unit in right.asked if drawn(f"{name}:{unit}", "late") >= ACCOUNT_LATE]
        if owing:
            unit, words = owing[0], ACCOUNTS[drawn(name, "account") % len(ACCOUNTS)]
            crew = Actor(name=f"crew of {unit}", role="crew", unit=unit)
            key = f"right:{name}:give:{unit}"
            yield w.GiveAccount(**about, key=key, unit=unit, words=words), crew
            return
        what = WHATS[drawn(name, "what") % len(WHATS)]
        yield w.DoPutRight(**about, key=f"right:{name}:do:{len(right.did)}", what=what), DESK

    @staticmethod
    def _rung(name: str, right: Right, about: dict[str, Any]) -> Command:
        key = f"right:{name}:rung:{right.tries}"
        if drawn(f"{name}#{right.tries}", "reached") >= REACHED:
            if right.tries >= w.TRIES_AGAIN:
                return w.ClosePutRight(**about, key=key, reason="nobody answers")
            return w.MissAgain(**about, key=key, outcome=w.Missed.NO_ANSWER)
        happy = drawn(name, "content") < CONTENT
        words = CONTENTED if happy else UNCONTENTED
        return w.RingBackAgain(**about, key=key, happy=happy, words=words)
