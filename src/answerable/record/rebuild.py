"""Building the state again from rows alone: what ``fsck`` compares a snapshot with."""

from __future__ import annotations

from typing import Protocol

from answerable.kernel.event import Row
from answerable.kernel.folding import Folding, HeapShelf
from answerable.kernel.room import Rooms


class Rebuild(Protocol):
    """Something that can be fed every row and asked for the snapshot at that point."""

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the snapshots it makes."""
        ...

    def feed(self, row: Row) -> None:
        """Take the next row; raises where the row cannot be understood."""
        ...

    def packed(self) -> bytes:
        """Return the bytes a snapshot would have now."""
        ...

    def sealed_in(self, kind: str) -> tuple[str, ...]:
        """Return the sealed fields of a kind of event; none of one it does not know."""
        ...


class RoomsRebuild:
    """Rebuilds the states of a product's rooms and views, with their own arms."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._folding = Folding(rooms, rooms.new_states(), HeapShelf())

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the snapshots it makes."""
        return self._rooms.fingerprint()

    def feed(self, row: Row) -> None:
        """Take the next row; raises where the row cannot be understood."""
        self._folding.feed(row, self._rooms.decode(row))

    def packed(self) -> bytes:
        """Return the bytes a snapshot would have now."""
        return self._rooms.pack(self._folding.states)

    def sealed_in(self, kind: str) -> tuple[str, ...]:
        """Return the sealed fields of a kind of event; none of one it does not know."""
        event = self._rooms.events.get(kind)
        return self._rooms.forms[event].sealed if event is not None else ()
