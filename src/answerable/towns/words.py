"""The words of towns: which run cards hold from when, and which files of the town were in force.

A town is a folder of files, and files change without a trace. What decides who is sent is therefore
adopted: word for word in an event, in numbered *editions*, each with the time from which it holds.
A changed file on the disk changes nothing until an administrator adopts it.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from answerable.kernel.event import (
    Command,
    Event,
    Inside,
    Line,
    Micros,
    Open,
    Reason,
    tagged,
)
from answerable.kernel.refusals import Refusal
from answerable.towns.model import RunCard
from answerable.towns.sending import NOTHING_MORE, Sending

FILES_MAX = 256
"""Files of one town folder whose digests are noted."""

Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
"""A SHA-256 in hexadecimal."""


class FileDigest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the town's folder by its path in it, and the SHA-256 of its bytes."""

    path: Annotated[str, msgspec.Meta(min_length=1, max_length=240)]
    digest: Digest


Files = Annotated[tuple[FileDigest, ...], msgspec.Meta(max_length=FILES_MAX)]


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("towns"), frozen=True, kw_only=True):
    """A command of this room."""


class AdoptRunCards(_Command, frozen=True, kw_only=True):
    """These run cards hold from ``from_us`` (UTC microseconds); without one, at once.

    ``sending`` holds the rules beside them: crews, rest, cover, mutual aid.
    """

    cards: tuple[RunCard, ...]
    sending: Sending = NOTHING_MORE
    from_us: Micros | None = None
    reason: Reason


class WithdrawRunCards(_Command, frozen=True, kw_only=True):
    """An edition that does not hold yet shall not hold."""

    edition: Annotated[int, msgspec.Meta(ge=1)]
    reason: Reason


class NoteFiles(_Command, frozen=True, kw_only=True):
    """The files of the town as they stand on the disk when the centre starts."""

    files: Files


COMMANDS: tuple[type[Command], ...] = (AdoptRunCards, WithdrawRunCards, NoteFiles)


# -- events ----------------------------------------------------------------------------------


class RunCardsAdopted(Event, frozen=True, kw_only=True):
    """Run cards were adopted, word for word, so that a replay needs no file.

    ``digest`` is the SHA-256 of their canonical JSON; ``edition`` counts the adoptions. With them
    hold the rules of ``sending``. Version 1 is from before there were any, and from before cards
    had areas and alarm levels.
    """

    version = 2

    said = "Run cards were adopted (edition {edition}) to hold from {from_us}: {reason}."
    edition: Open[int]
    digest: Open[str]
    from_us: Open[int]
    cards: Open[tuple[RunCard, ...]]
    reason: Inside[Line]
    sending: Open[Sending] = NOTHING_MORE


class RunCardsWithdrawn(Event, frozen=True, kw_only=True):
    """An edition was withdrawn before it held."""

    said = "The run cards of edition {edition} were withdrawn before they held: {reason}."
    edition: Open[int]
    reason: Inside[Line]


class TownFilesNoted(Event, frozen=True, kw_only=True):
    """The centre runs on these files of the town from now on. Only digests are kept."""

    said = "The town's files were read[; new or changed: {changed}][; gone: {gone}]."
    files: Open[tuple[FileDigest, ...]]
    changed: Open[tuple[str, ...]] = ()
    gone: Open[tuple[str, ...]] = ()


EVENTS: tuple[type[Event], ...] = (RunCardsAdopted, RunCardsWithdrawn, TownFilesNoted)


# -- refusals, in the order in which they are checked ----------------------------------------


class FromThePast(Refusal, frozen=True, kw_only=True):
    """What was sent has been sent: no run card holds for a time that has passed."""

    not_done = "Not adopted: the run cards."
    because = "The time from which they should hold lies {ago_s} s back."
    instead = "Give a later time, or none to let them hold at once."
    ago_s: Open[int]


class TooFarAhead(Refusal, frozen=True, kw_only=True):
    """A plan for a time nobody can answer for."""

    not_done = "Not adopted: the run cards."
    because = "They would hold only in {days} days; a plan reaches {days_max} days ahead."
    instead = "Adopt them nearer to that time."
    days: Open[int]
    days_max: Open[int]


class NoCards(Refusal, frozen=True, kw_only=True):
    """Without a card nobody would be recommended for anything."""

    not_done = "Not adopted: the run cards."
    because = "There is no card among them, so nobody would be recommended for any call."
    instead = "Give at least one card; one without kinds and priorities fits every call."


class TooManyCards(Refusal, frozen=True, kw_only=True):
    """There is a limit on everything."""

    not_done = "Not adopted: the run cards."
    because = (
        "They are {cards} cards of {size} bytes; one edition takes {cards_max} cards "
        "and {size_max} bytes."
    )
    instead = "Put kinds that send the same units on one card."
    cards: Open[int]
    size: Open[int]
    cards_max: Open[int]
    size_max: Open[int]


class TwoOfOneCode(Refusal, frozen=True, kw_only=True):
    """A card's code says which card was used; two of them would leave that open."""

    not_done = "Not adopted: the run cards."
    because = "Two cards have the code {card}."
    instead = "Give each card a code of its own."
    card: Open[str]


class NotInTown(Refusal, frozen=True, kw_only=True):
    """A card names a kind, a priority or a type of unit that the town does not have."""

    not_done = "Not adopted: the run cards."
    because = "Card {card} names the {what} {name}, which this town does not have."
    instead = "Correct the card, or add it to the town's file first. Known are: {known}."
    card: Open[str]
    what: Open[str]
    name: Open[str]
    known: Open[str]


class RuleNotInTown(Refusal, frozen=True, kw_only=True):
    """A rule beside the cards names a place or a type of unit that the town does not have."""

    not_done = "Not adopted: the run cards."
    because = "The rules of sending name the {what} {name}, which this town does not have."
    instead = "Correct [sending], or add it to the town's file first. Known are: {known}."
    what: Open[str]
    name: Open[str]
    known: Open[str]


class TooManyPlans(Refusal, frozen=True, kw_only=True):
    """There is a limit on everything."""

    not_done = "Not adopted: the run cards."
    because = "{plans} editions already wait for their time; {plans_max} may."
    instead = "Withdraw one of them first."
    plans: Open[int]
    plans_max: Open[int]


class SameMoment(Refusal, frozen=True, kw_only=True):
    """Two plans for one moment: nobody could say which was meant."""

    not_done = "Not adopted: the run cards."
    because = "Edition {edition} is to hold from that very moment."
    instead = "Withdraw that edition first, or give another time."
    edition: Open[int]


class AlreadyInForce(Refusal, frozen=True, kw_only=True):
    """The very same cards hold then anyway."""

    not_done = "Not adopted: the run cards."
    because = "The same cards hold then already, as edition {edition} (digest {digest})."
    instead = "Nothing needs to be done; change a card first if somebody else should be sent."
    edition: Open[int]
    digest: Open[str]


class HoldsAlready(Refusal, frozen=True, kw_only=True):
    """What has been sent by an edition cannot be made never to have held."""

    not_done = "Not withdrawn: the run cards of edition {edition}."
    because = "They have held for {since_s} s."
    instead = "Adopt other cards; from then on those hold."
    edition: Open[int]
    since_s: Open[int]


class SameFiles(Refusal, frozen=True, kw_only=True):
    """Nothing has changed since they were noted."""

    not_done = "Not noted: the town's files."
    because = "They are the ones that were noted last."
    instead = "Nothing needs to be done."


REFUSALS: tuple[type[Refusal], ...] = (
    FromThePast, TooFarAhead, NoCards, TooManyCards, TwoOfOneCode, NotInTown, RuleNotInTown,
    TooManyPlans, SameMoment, AlreadyInForce, HoldsAlready, SameFiles,
)  # fmt: skip
