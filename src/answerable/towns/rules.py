"""The rules of towns: which run cards may hold from when, and what is remembered of the files."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator
from difflib import get_close_matches

import msgspec

from answerable.kernel.event import Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Arms, Context, Deciders, Decision, Room
from answerable.kernel.steps import Steps
from answerable.towns import words as w
from answerable.towns.model import RunCard, Town
from answerable.towns.sending import NOTHING_MORE, Sending

US = 1_000_000
DAY_US = 86_400 * US
AHEAD_DAYS_MAX = 400
"""How far ahead run cards may be planned: a year and a margin."""
CARDS_MAX = 500
SIZE_MAX = 60_000
"""Bytes of one edition as JSON; an event takes a little more."""
PLANS_MAX = 8
NAMED_MAX = 12
"""Names that a refusal lists, so that it can be read."""

EDITION = Steps(
    "edition",
    first="new",
    last=frozenset({"adopted", "withdrawn"}),
    table={
        ("new", w.RunCardsAdopted): "adopted",
        ("adopted", w.RunCardsWithdrawn): "withdrawn",
    },
)
"""The life of an edition. That it holds, and that it no longer does, comes with time."""


class Edition(msgspec.Struct, frozen=True):
    """Run cards with the time from which they hold (UTC microseconds)."""

    edition: int
    digest: str
    from_us: int
    position: int
    cards: tuple[RunCard, ...]
    sending: Sending = NOTHING_MORE


class State(msgspec.Struct):
    """The editions that hold or are planned, in the order in which they hold, and the files."""

    editions: list[Edition] = []
    last_edition: int = 0
    files: dict[str, str] = {}
    noted: int = 0
    noted_us: int = 0

    def held_at(self, now_us: int) -> Edition | None:
        """Return the edition that holds at an instant, None where none was ever adopted.

        A clock that was put back to before the first of them still finds that one: somebody must
        be sent.
        """
        for edition in reversed(self.editions):
            if edition.from_us <= now_us:
                return edition
        return self.editions[0] if self.editions else None

    def cards_at(self, now_us: int) -> tuple[RunCard, ...]:
        """Return the run cards that hold at an instant (UTC microseconds)."""
        held = self.held_at(now_us)
        return held.cards if held is not None else ()

    def sending_at(self, now_us: int) -> Sending:
        """Return the rules beside the cards that hold at an instant (UTC microseconds)."""
        held = self.held_at(now_us)
        return held.sending if held is not None else NOTHING_MORE

    def card_for(
        self, kind: str, priority: str, now_us: int, where: Container[str] = ()
    ) -> RunCard | None:
        """Return the first card that fits and holds at an instant, or None.

        ``where`` holds the names of the areas the place lies in.
        """
        cards = self.cards_at(now_us)
        return next((card for card in cards if card.fits(kind, priority, where)), None)

    def planned(self, now_us: int) -> list[Edition]:
        """Return the editions that do not hold yet, the next one first."""
        return [edition for edition in self.editions if edition.from_us > now_us]


Ctx = Context[Town]
decide: Deciders[State, Town] = Deciders()
evolve: Arms[State] = Arms()


def digest_of(cards: tuple[RunCard, ...], sending: Sending = NOTHING_MORE) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of run cards and the rules beside them."""
    return hashlib.sha256(_encoded(cards, sending)).hexdigest()


_SINCE = ("areas", "alarms")
"""Keys a card has got since: one that says nothing with them keeps the digest it always had."""


def _encoded(cards: tuple[RunCard, ...], sending: Sending) -> bytes:
    told: list[dict[str, object]] = msgspec.to_builtins(cards)
    for card in told:
        for key in _SINCE:
            if not card[key]:
                del card[key]
    if sending == NOTHING_MORE:
        return msgspec.json.encode(told)  # as a card's fields stand, not sorted by name
    beside = msgspec.to_builtins(sending, order="deterministic")
    return msgspec.json.encode({"cards": told, "sending": beside})


# -- checks ----------------------------------------------------------------------------------


def _refuse_time(from_us: int, now_us: int) -> Refusal | None:
    if from_us < now_us:
        return w.FromThePast(ago_s=-((from_us - now_us) // US))
    days = -(-(from_us - now_us) // DAY_US)
    if days > AHEAD_DAYS_MAX:
        return w.TooFarAhead(days=days, days_max=AHEAD_DAYS_MAX)
    return None


def faults_of(
    cards: tuple[RunCard, ...], town: Town, sending: Sending = NOTHING_MORE
) -> Iterator[Refusal]:
    """Yield everything that keeps cards from being adopted in a town, the first fault first."""
    if not cards:
        yield w.NoCards()
    size = len(_encoded(cards, sending))
    if len(cards) > CARDS_MAX or size > SIZE_MAX:
        yield w.TooManyCards(cards=len(cards), size=size, cards_max=CARDS_MAX, size_max=SIZE_MAX)
    seen: set[str] = set()
    for card in cards:
        if card.code in seen:
            yield w.TwoOfOneCode(card=card.code)
        seen.add(card.code)
        yield from _strangers(card, town)
    for what, names, known in _named_beside(sending, town):
        for name in names:
            if name not in known:
                yield w.RuleNotInTown(what=what, name=name, known=_near(name, known))


def _strangers(card: RunCard, town: Town) -> Iterator[w.NotInTown]:
    """Yield the kinds, priorities, areas and types of a card that the town does not have."""
    needs = (*card.needs, *(need for alarm in card.alarms for need in alarm.adds))
    types = dict.fromkeys(code for need in needs for code in need.types)
    named = (
        ("kind", card.kinds, tuple(town.kinds)),
        ("priority", card.priorities, town.file.priorities or card.priorities),
        ("area", card.areas, town.areas or card.areas),
        ("type of unit", tuple(types), tuple(town.unit_types)),
    )
    for what, names, known in named:
        for name in names:
            if name not in known:
                yield w.NotInTown(card=card.code, what=what, name=name, known=_near(name, known))


def _named_beside(
    sending: Sending, town: Town
) -> Iterator[tuple[str, Iterable[str], tuple[str, ...]]]:
    """Yield what the rules of sending name: what it is, its names, and those the town has.

    A town whose areas are not known, as in a test, takes any.
    """
    yield "type of unit", sending.named_types(), tuple(town.unit_types)
    demand = tuple(sending.expected.demand if sending.expected else ())
    yield "area", demand, town.areas or demand
    for rule in sending.cover:
        known = town.stations if rule.each == "station" else town.areas
        yield rule.each, rule.only, known or rule.only


def _near(name: str, known: tuple[str, ...]) -> str:
    """Return the names that a wrong one may have meant, or some of those there are."""
    return ", ".join(get_close_matches(name, known, NAMED_MAX, 0.5) or sorted(known)[:NAMED_MAX])


def _refuse_plan(state: State, from_us: int, digest: str, now_us: int) -> Refusal | None:
    """Refuse what cannot stand beside the other editions."""
    planned = state.planned(now_us)
    if from_us > now_us and len(planned) >= PLANS_MAX:
        return w.TooManyPlans(plans=len(planned), plans_max=PLANS_MAX)
    for edition in planned:
        if edition.from_us == from_us:
            return w.SameMoment(edition=edition.edition)
    held = state.held_at(from_us)
    if held is not None and held.digest == digest:
        return w.AlreadyInForce(edition=held.edition, digest=digest[:12])
    return None


# -- decisions -------------------------------------------------------------------------------


@decide.on(w.AdoptRunCards)
def _adopt(state: State, command: w.AdoptRunCards, ctx: Ctx) -> Decision:
    from_us = ctx.now_us if command.from_us is None else command.from_us
    digest = digest_of(command.cards, command.sending)
    return (
        _refuse_time(from_us, ctx.now_us)
        or next(faults_of(command.cards, ctx.town, command.sending), None)
        or _refuse_plan(state, from_us, digest, ctx.now_us)
        or [
            w.RunCardsAdopted(
                edition=state.last_edition + 1, digest=digest, from_us=from_us,
                cards=command.cards, sending=command.sending, reason=command.reason,
            )
        ]
    )  # fmt: skip


@decide.on(w.WithdrawRunCards)
def _withdraw(state: State, command: w.WithdrawRunCards, ctx: Ctx) -> Decision:
    known = next((e for e in state.editions if e.edition == command.edition), None)
    if known is None:
        return Unknown(command=command.tag, what="edition", name=str(command.edition))
    if known.from_us <= ctx.now_us or known is state.held_at(ctx.now_us):
        since_s = max(0, (ctx.now_us - known.from_us) // US)
        return w.HoldsAlready(edition=known.edition, since_s=since_s)
    return [w.RunCardsWithdrawn(edition=known.edition, reason=command.reason)]


@decide.on(w.NoteFiles)
def _note(state: State, command: w.NoteFiles, ctx: Ctx) -> Decision:
    found = {file.path: file.digest for file in command.files}
    if found == state.files and state.noted:
        return w.SameFiles()
    changed = sorted(path for path, digest in found.items() if state.files.get(path) != digest)
    gone = sorted(state.files.keys() - found.keys())
    return [
        w.TownFilesNoted(
            files=tuple(w.FileDigest(path, found[path]) for path in sorted(found)),
            changed=tuple(changed), gone=tuple(gone),
        )
    ]  # fmt: skip


# -- evolve ----------------------------------------------------------------------------------


@evolve.on(w.RunCardsAdopted)
def _adopted(state: State, event: w.RunCardsAdopted, row: Row) -> None:
    """Take an edition in, and forget those that no longer hold: the record has them."""
    made = Edition(
        event.edition, event.digest, event.from_us, row.position, event.cards, event.sending
    )
    held = state.held_at(row.recorded_at)
    kept = [e for e in state.editions if e is held or e.from_us > row.recorded_at]
    state.editions = sorted((*kept, made), key=lambda e: (e.from_us, e.edition))
    state.last_edition = event.edition


@evolve.on(w.RunCardsWithdrawn)
def _withdrawn(state: State, event: w.RunCardsWithdrawn, row: Row) -> None:
    state.editions = [e for e in state.editions if e.edition != event.edition]


@evolve.on(w.TownFilesNoted)
def _noted(state: State, event: w.TownFilesNoted, row: Row) -> None:
    state.files = {file.path: file.digest for file in event.files}
    state.noted += 1
    state.noted_us = row.happened_at


ROOM: Room[State] = Room(
    name="towns",
    state=State,
    arms=evolve,
    commands=w.COMMANDS,
    events=w.EVENTS,
    refusals=w.REFUSALS,
    deciders=decide,
    steps={"edition": EDITION},
    upcasts={(w.RunCardsAdopted.tag, 1): lambda told: told},  # what is new says nothing there
)
