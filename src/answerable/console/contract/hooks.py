"""The couriers of hooks over a running centre: what they read of it and where their book lies."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from answerable.console.language import _
from answerable.console.serve.check import Check, Found
from answerable.exchange.hooks.book import BOOK_FILE, BadBook, Book
from answerable.exchange.hooks.dispatcher import Dispatcher
from answerable.kernel.event import Mark, Recorded, Row

if TYPE_CHECKING:
    from answerable.console.front import Front

log = logging.getLogger("answerable.hooks")
encode = msgspec.json.Encoder().encode


class FrontSource:
    """The record as couriers read it: durable rows only, and never a sealed word."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def recorded(self) -> int:
        """Return the position up to which everything is durable."""
        return self._front.recorded

    def rows(self, after: int, limit: int) -> Iterator[Row]:
        """Yield durable rows after a position."""
        most = min(limit, self._front.recorded - after)
        return self._front.hub.store.rows(after, most) if most > 0 else iter(())

    def told(self, row: Row, role: str) -> bytes:
        """Return an event as ``GET /api/events`` tells it, with what the role may see."""
        from answerable.console.api import event_json

        rooms = self._front.hub.rooms

        def rights(mark: Mark) -> bool:
            return mark is not Mark.SEALED and rooms.authority.may_see(role, mark)

        return encode(event_json(row, Recorded(row, rooms.decode(row)), rights))

    def acts(self, hook: str) -> Iterable[Recorded]:
        """Yield what is recorded about one hook."""
        rooms = self._front.hub.rooms
        rows = self._front.hub.store.stream(f"hook:{hook}")
        return (Recorded(row, rooms.decode(row)) for row in rows)


def book_path(front: Front) -> Path | None:
    """Return where the book lies: beside the record; None where that is kept in memory."""
    record = getattr(front.hub.store, "path", None)
    return Path(record).with_name(BOOK_FILE) if record else None


def dispatcher_of(front: Front) -> Dispatcher:
    """Return the dispatcher of a centre; one whose book cannot be used says so and tells nobody."""
    source, trouble = FrontSource(front), ""
    try:
        book = Book.open(book_path(front))
    except BadBook as error:
        log.error("%s", error)
        book, trouble = Book.open(None), str(error)
    hooks = Dispatcher(
        book,
        source,
        front.centre.keyring,
        lambda: front.hub.state["access"].hooks,
        source.acts,
    )
    hooks.trouble = trouble
    return hooks


def watched(front: Front) -> None:
    """Put the numbers and the check of the hooks where the metrics and the health find them."""
    hooks = front.hooks
    front.gauges["hooks_waiting"] = (
        "Positions of the record that hooks were not told of yet, all hooks together.",
        lambda: float(sum(one.waiting for one in hooks.numbers().values())),
    )
    front.gauges["hooks_dead"] = (
        "Letters to hooks that were given up and neither retried nor dropped.",
        lambda: float(sum(one.dead for one in hooks.numbers().values())),
    )
    front.checks.append(lambda: check(hooks))


def check(hooks: Dispatcher) -> Check:
    """Return how the hooks stand; none of it makes the centre unwell: nobody waits for them."""
    numbers = hooks.numbers()
    if hooks.trouble:
        return Check(
            name="hooks", found=Found.WATCH, means=_("The book of the hooks cannot be used."),
            instead=_("Move {file} away and start again; hooks are told once more what they had."),
            values={"file": BOOK_FILE},
        )  # fmt: skip
    if dead := sum(one.dead for one in numbers.values()):
        return Check(
            name="hooks", found=Found.WATCH, means=_("{dead} letters to hooks were given up."),
            instead=_("Have them tried again, or drop them, on the page of adapters."),
            values={"dead": dead},
        )  # fmt: skip
    if late := [hook for hook, one in numbers.items() if one.failures]:
        return Check(
            name="hooks", found=Found.WATCH, means=_("Not reached: {hooks}."),
            instead=_("Look after the receiver; nothing is lost meanwhile."),
            values={"hooks": ", ".join(late)},
        )  # fmt: skip
    return Check(
        name="hooks", found=Found.WELL, means=_("{count} hooks are told of events."),
        values={"count": len(numbers)},
    )  # fmt: skip
