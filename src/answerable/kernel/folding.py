"""From rows to states, and what is laid aside on the way.

``Folding`` is the one place where a recorded event changes the states: the hub feeds it what it has
just written, and at start what the record holds; ``fsck`` feeds it a whole record to compare.

What has long been over need not stay in memory. The product says when a matter may be *laid aside*
(``Aside``): its part of every state is packed, kept on a shelf under its stream and position, and
taken out of the states. The next event or command about it brings it back first, so no rule ever
knows. When it happens depends on events alone, so live states and rebuilt ones stay the same (I5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from answerable.kernel.event import Event, Row
from answerable.kernel.room import Rooms
from answerable.kernel.store import LaidAside, Store

States = dict[str, Any]
NAMES_MAX = 200_000
"""Names a shelf remembers (about 12 MB) to spare itself a look into the file."""
AT_ONCE = 2
"""Matters laid aside after one event: one more than it brings, so that any excess goes again."""
POINTS_TO = b"@"
"""Begins a body that only names the stream under which the matter was laid aside."""


class Aside(Protocol):
    """What the product lays aside: matters that are over, each with all it has in the states."""

    @property
    def begins(self) -> frozenset[str]:
        """The kinds of events that begin a matter: nothing of it can have been laid aside."""
        ...

    @property
    def after(self) -> frozenset[str]:
        """The kinds of events after which something may be due."""
        ...

    def holds(self, states: Mapping[str, Any], stream: str) -> bool:
        """Say whether the states hold a stream's matter, or never lay such a one aside."""
        ...

    def due(self, states: Mapping[str, Any]) -> str:
        """Return the stream of the matter to lay aside now, "" where there is none."""
        ...

    def take(self, states: Mapping[str, Any], stream: str) -> Any:  # noqa: ANN401 - its own
        """Take a matter out of the states and return it, as ``pack`` wants it."""
        ...

    def pack(self, matter: Any) -> dict[str, bytes]:  # noqa: ANN401 - what ``take`` gave
        """Return what is to be kept of it: its body under its stream, pointers under others."""
        ...

    def put(self, states: Mapping[str, Any], body: bytes) -> None:
        """Put a matter back into the states; raises msgspec.DecodeError for a damaged body."""
        ...


class Shelf(Protocol):
    """Where what was laid aside is kept: derived, so it can always be made again."""

    def get(self, stream: str, position: int) -> bytes | None:
        """Return what was laid aside last at or before a position, or None."""
        ...

    def has(self, stream: str, position: int) -> bool:
        """Say whether something lies there that was laid aside at exactly this position."""
        ...

    def put(self, stream: str, position: int, body: bytes) -> None:
        """Keep a body."""
        ...


class HeapShelf:
    """A shelf in memory."""

    def __init__(self) -> None:
        self._held: dict[str, list[tuple[int, bytes]]] = {}

    def get(self, stream: str, position: int) -> bytes | None:
        """Return what was laid aside last at or before a position, or None."""
        kept = self._held.get(stream, ())
        return next((body for at, body in reversed(kept) if at <= position), None)

    def has(self, stream: str, position: int) -> bool:
        """Say whether something lies there that was laid aside at exactly this position."""
        return any(at == position for at, _ in self._held.get(stream, ()))

    def put(self, stream: str, position: int, body: bytes) -> None:
        """Keep a body."""
        self._held.setdefault(stream, []).append((position, body))


class StoreShelf:
    """A shelf in the record file; what is fresh lies in memory until it is written with a batch."""

    def __init__(self, store: Store, fingerprint: str, position: int = 0) -> None:
        """``fingerprint`` names the program: what another one laid aside is made again.

        ``position`` is where the states stand that this shelf begins with.
        """
        self.fingerprint = fingerprint
        self.fresh: list[LaidAside] = []
        self._store = store
        self._heap = HeapShelf()
        # A replay into a new record asks for every number once: what this process never laid aside
        # is not looked for in the file. None where somebody did before, or after too many.
        self._names: set[int] | None = None if store.has_any_aside(fingerprint) else set()
        # Only a replay comes to where something may lie already. What does is read once, when the
        # first is asked for: one look into the file, not one for each matter.
        self._begin, self._end = position, store.head().size
        self._lying: set[tuple[str, int]] | None = None

    def get(self, stream: str, position: int) -> bytes | None:
        """Return what was laid aside last at or before a position, or None."""
        if self._names is not None and hash(stream) not in self._names:
            return None
        found = self._heap.get(stream, position)
        return found or self._store.laid_aside(self.fingerprint, stream, position)

    def has(self, stream: str, position: int) -> bool:
        """Say whether something lies there that was laid aside at exactly this position."""
        if position > self._end:
            self._lying = None  # the replay is over
            return False
        if self._lying is None:
            self._lying = set(self._store.aside_after(self.fingerprint, self._begin))
        return (stream, position) in self._lying

    def put(self, stream: str, position: int, body: bytes) -> None:
        """Keep a body until it is written."""
        self._heap.put(stream, position, body)
        if self._names is not None:
            self._names.add(hash(stream))
            if len(self._names) > NAMES_MAX:
                self._names = None
        self.fresh.append(LaidAside(self.fingerprint, stream, position, body))

    def written(self) -> None:
        """Note that everything fresh is in the record file."""
        if self.fresh:
            self.fresh = []
            self._heap = HeapShelf()


class Need(NamedTuple):
    """What taking in an event of one kind needs.

    ``holds`` says whether its matter is in the states, None where it begins one; ``arms`` are each
    with its state; ``ends`` is whom to ask after it what is to be laid aside, None where nothing.
    """

    holds: Callable[[States, str], bool] | None
    arms: tuple[tuple[Callable[[Any, Event, Row], None], Any], ...]
    ends: Aside | None


class Folding:
    """The states of a product, and how one more event changes them."""

    def __init__(self, rooms: Rooms, states: States, shelf: Shelf, position: int = 0) -> None:
        """Take up states as they stood at a position."""
        self.rooms = rooms
        self.states = states
        self.shelf = shelf
        self.position = position
        self._aside = rooms.aside
        # What a kind of event needs is worked out once, so that evolving costs one look-up.
        self._needs = {kind: self._need(kind) for kind in rooms.events}

    def _need(self, kind: str) -> Need:
        """Return what an event of a kind needs; every arm is bound to its state."""
        aside = self._aside
        goes_on = aside is not None and kind not in aside.begins
        return Need(
            aside.holds if aside is not None and goes_on else None,
            tuple(
                (arm, self.states[fold.name])
                for fold in self.rooms.folds
                for arm in (fold.arms.table.get(kind), fold.arms.every)
                if arm is not None
            ),
            aside if aside is not None and goes_on and kind in aside.after else None,
        )

    def feed(self, row: Row, event: Event) -> None:
        """Take one event into every state."""
        position, stream, kind = row[:3]  # one step, where each name would be a call
        assert position == self.position + 1, "a gap or a repetition in the record"
        holds, arms, ends = self._needs[kind]
        if holds is not None and not holds(self.states, stream):
            self.bring_back(stream)
        for arm, state in arms:
            arm(state, event, row)
        self.position = position
        if ends is not None:
            self._lay_aside(ends)

    def _lay_aside(self, aside: Aside) -> None:
        for _ in range(AT_ONCE):
            stream = aside.due(self.states)
            if not stream:
                return
            matter = aside.take(self.states, stream)
            if not self.shelf.has(stream, self.position):
                for name, body in aside.pack(matter).items():
                    self.shelf.put(name, self.position, body)

    def bring_back(self, stream: str) -> str:
        """Bring a matter back that was laid aside; return its own stream, "" where none was."""
        assert self._aside is not None
        body = self.shelf.get(stream, self.position)
        if body is not None and body.startswith(POINTS_TO):
            stream = body.removeprefix(POINTS_TO).decode()
            body = self.shelf.get(stream, self.position)
        if body is None or self._aside.holds(self.states, stream):
            return ""
        self._aside.put(self.states, body)
        return stream

    def at_hand(self, stream: str) -> str:
        """Bring a matter back if it is not there; return what ``drop`` takes away again."""
        if self._aside is None or self._aside.holds(self.states, stream):
            return ""
        return self.bring_back(stream)

    def drop(self, stream: str) -> None:
        """Take a matter out again that was only brought back to be looked at."""
        if self._aside is not None and stream:
            self._aside.take(self.states, stream)
