"""One dispatch centre in one process: its record, hub, desk, town, places and fleet."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from answerable.access.keyring import KEYRING_FILE, Keyring, KeyringRefused
from answerable.console.keep.note import note_restored
from answerable.disclosure import codes
from answerable.dispatch.fleet import Fleet
from answerable.dispatch.nearby import Nearby
from answerable.dispatch.views import Board
from answerable.kernel.authority import SYSTEM
from answerable.kernel.clock import Clock
from answerable.kernel.desk import Desk
from answerable.kernel.event import Recorded
from answerable.kernel.hub import Accepted, Hub, Refused
from answerable.kernel.ids import Ids, SecretIds
from answerable.kernel.store import CannotRecord, Head, Store
from answerable.place.town_places import Places, load_places
from answerable.record import RECORD_FILE
from answerable.record.sqlite import SqliteStore
from answerable.rooms import product
from answerable.standards.adopting import adoptions
from answerable.standards.definition import BadStandard
from answerable.towns.adopting import first_cards, noting
from answerable.towns.load import TownRefused, load_town, town_folder
from answerable.towns.model import RunCard, Town
from answerable.towns.sending import Sending
from answerable.vault.carrying import begin_sweeping, carry_out
from answerable.vault.words import Erased

SNAPSHOT_EVERY = 50_000
"""Events between two snapshots of a running centre."""

log = logging.getLogger("answerable.centre")


class Centre:
    """Everything a console needs. Make it with ``open_centre``; end it with ``close``."""

    def __init__(
        self, store: Store, hub: Hub, desk: Desk, town: Town, places: Places, keyring: Keyring
    ) -> None:
        self.store = store
        self.keyring = keyring
        self.hub = hub
        self.desk = desk
        self.town = town
        self.places = places
        self.head = store.head()
        self.fleet = Fleet(self.board, town, places, self.card_for, self.sending_for)
        self.nearby = Nearby(self.board, town)
        self.receipt_secret = codes.fresh()
        """What callers' codes follow from: of the data folder, or of this process in a test."""
        self._saved_at = hub.position
        hub.subscribe(self._committed)
        hub.on_start(lambda: self.fleet.follow(self.board))
        hub.on_start(lambda: self.nearby.follow(self.board))

    @property
    def board(self) -> Board:
        """Open incidents and units, as they are now."""
        board: Board = self.hub.state["board"]
        return board

    def card_for(
        self, kind: str, priority: str, now_us: int, where: tuple[str, ...] = ()
    ) -> RunCard | None:
        """Return the run card that holds for a kind, a priority and a place, as it was adopted."""
        card: RunCard | None = self.hub.state["towns"].card_for(kind, priority, now_us, where)
        return card

    def sending_for(self, now_us: int) -> Sending:
        """Return the rules beside the run cards that hold, as they were adopted."""
        sending: Sending = self.hub.state["towns"].sending_at(now_us)
        return sending

    @property
    def saved_at(self) -> int:
        """The position of the last snapshot, or of the start."""
        return self._saved_at

    def now_us(self) -> int:
        """Return the centre's time, UTC microseconds."""
        return self.hub.clock.now_us()

    def _committed(self, recorded: Sequence[Recorded], head: Head) -> None:
        self.head = head
        self.fleet.committed(recorded)
        self.nearby.committed(recorded)
        if any(isinstance(one.event, Erased) for one in recorded):
            with contextlib.suppress(RuntimeError):  # without a loop whoever asked carries it out
                asyncio.get_running_loop().call_soon(self.carry_out)

    def carry_out(self) -> None:
        """Destroy the keys of what was erased; what cannot be done now is done at the next start.

        A record that fails here ends the process, as it does anywhere.
        """
        if self.hub.broken:
            return
        try:
            if self.hub.waiting:
                self.hub.commit()
            carry_out(self.hub)
        except CannotRecord as refusal:
            log.error("what was erased waits for its keys to be destroyed: %s", refusal)
        except Exception as fault:
            self.desk.fail(fault)

    def save_if_due(self) -> None:
        """Keep a snapshot when enough has happened since the last one."""
        if self.hub.position - self._saved_at >= SNAPSHOT_EVERY:
            self.save()

    def save(self) -> None:
        """Keep a snapshot of the state as it stands. A start without one only takes longer."""
        try:
            self.hub.save_snapshot()
        except CannotRecord as refusal:
            log.warning("no snapshot kept: %s", refusal)
        self._saved_at = self.hub.position
        if isinstance(self.store, SqliteStore):
            self.store.empty_log()  # a reader may have held what was erased

    def close(self) -> None:
        """Save the state and let go of the record."""
        if not self.hub.broken and not self.hub.waiting:
            self.save()
        self.store.close()
        self.keyring.close()


def open_centre(
    data: Path,
    town_name: str,
    clock: Clock,
    *,
    ids: Ids | None = None,
    store: Store | None = None,
    keyring: Keyring | None = None,
    on_fatal: Callable[[str], None],
) -> Centre:
    """Open a centre on its data folder, replay its record, adopt the town's standards.

    A store that is given, as tests do, gets the keyring that is given, or one in memory.
    Raises TownRefused, PlaceError or StoreRefusal, each with three sentences for a person.
    """
    folder = town_folder(town_name)
    town = load_town(folder)
    places = load_places(folder)
    town.places = places
    places.locate(*town.file.centre)  # what is read at the first question is read before the first
    secret = codes.fresh()
    beside = store is None
    if store is None:
        store = SqliteStore.open(data / RECORD_FILE)  # makes the folder, or says why it cannot
        keyring = _keyring_beside(store, data)
        secret = _secret_beside(store, keyring, data)
    hub = Hub(product(), store, clock=clock, ids=ids or SecretIds(), town=town)
    gc.disable()  # while a record is replayed, state is only built up
    try:
        hub.start()
        if beside:
            note_restored(hub, data)
        adopt_town(hub, town, folder)
        adopt_standards(hub, town)
        carry_out(hub)
        if town.retention.rules:
            begin_sweeping(hub)
    finally:
        gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    centre = Centre(
        store, hub, Desk(hub, on_fatal=on_fatal), town, places, keyring or Keyring.in_memory()
    )
    centre.receipt_secret = secret
    return centre


def _keyring_beside(store: Store, data: Path) -> Keyring:
    """Open the keyring of a record; lets go of the record where it cannot. Raises StoreRefusal."""
    try:
        return Keyring.open(data / KEYRING_FILE)
    except KeyringRefused:
        store.close()
        raise


def _secret_beside(store: Store, keyring: Keyring, data: Path) -> bytes:
    """Open the secret of callers' codes; lets go of the others where it cannot. Raises NoSecret."""
    try:
        secret, new = codes.open_secret(data / codes.SECRET_FILE)
    except codes.NoSecret:
        keyring.close()
        store.close()
        raise
    if new and store.head().size:
        log.warning("the secret of callers' codes is new: codes given before are void")
    return secret


def adopt_town(hub: Hub, town: Town, folder: Path) -> None:
    """Adopt the run cards of the town's file at the first start, and note the digests of its files.

    Raises TownRefused for run cards that cannot hold, or a file that cannot be read.
    """
    try:
        noted = noting(folder, hub.state["towns"])
    except OSError as error:
        raise TownRefused(
            f"Not started: a file of the town in {folder} cannot be read. {error}. "
            "Give this program leave to read it, or put it back."
        ) from error
    if noted is not None:
        hub.do(noted, SYSTEM)
    first = first_cards(town.file, hub.state["towns"])
    outcome = hub.do(first, SYSTEM) if first is not None else None
    if isinstance(outcome, Refused):
        raise TownRefused(f"Not started: {outcome.refusal.text()} (in {folder / 'town.toml'})")
    hub.commit()


def adopt_standards(hub: Hub, town: Town) -> None:
    """Adopt what the town's file names and the record has not adopted yet, as it stands now.

    Raises TownRefused for a name the catalogue does not have, or a file that cannot be used.
    """
    try:
        commands = adoptions(town.file.standards, hub.state["standards"])
    except BadStandard as error:
        raise TownRefused(f"Not started: {error}") from error
    for command in commands:
        outcome = hub.do(command, SYSTEM)
        if not isinstance(outcome, Accepted):
            log.error("standard not adopted: %s", outcome)
    hub.commit()
