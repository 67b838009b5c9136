"""The words of keeping: what was done about the record itself, by whom, and what went wrong.

A backup that nobody proved, a record that was put back, a key of the log that changed, a witness
that saw more than is there: each is an event like everything else, so that whoever reads the record
later knows how far it can be trusted. Acts on the machine are given by the operator's command line
or by the service itself; a supervisor sees the alarms and acknowledges them with words.
"""

from __future__ import annotations

import enum
from typing import Annotated

import msgspec

from answerable.kernel.event import (
    Command,
    Event,
    Inside,
    Line,
    Micros,
    Name,
    Open,
    Reason,
    tagged,
)
from answerable.kernel.refusals import Refusal

Root = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
"""A tree head's root hash, in hexadecimal."""
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
"""The SHA-256 of a backup file, in hexadecimal."""
Size = Annotated[int, msgspec.Meta(ge=0, le=10**15)]
"""How many events a record, or a backup of it, holds."""
Hours = Annotated[int, msgspec.Meta(ge=0, le=9_000)]
"""Hours between two backups; 0: nobody waits for one."""


class Of(enum.StrEnum):
    """What a backup is of. The two have cycles of their own, so that erased keys disappear."""

    RECORD = "record"
    KEYS = "secret keys"


class Sort(enum.StrEnum):
    """How much a backup holds: everything, what came since the one before, or the keys alone."""

    FULL = "full"
    INCREMENTAL = "incremental"
    KEYS = "keys-only"

    @property
    def of(self) -> Of:
        """What it is a backup of."""
        return Of.KEYS if self is Sort.KEYS else Of.RECORD


class Found(enum.StrEnum):
    """What is wrong with a backup that is none."""

    NOT_MADE = "not made"
    EMPTY = "empty"
    SMALL = "too small"
    UNREADABLE = "unreadable"
    DIFFERS = "not what was recorded"


class KeyChange(enum.StrEnum):
    """What became of a key that signs the log."""

    MADE = "made"
    ROTATED = "rotated"
    WITHDRAWN = "withdrawn"


class News(enum.StrEnum):
    """What is new about a witness."""

    ADDED = "added"
    WITHDRAWN = "withdrawn"
    DISAGREED = "disagreed"


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("keeping"), frozen=True, kw_only=True):
    """A command of this room."""


class WatchBackups(_Command, frozen=True, kw_only=True):
    """A proven backup is expected at least every so many hours; 0: none is expected."""

    every_h: Hours
    keys_every_h: Hours = 0


class NoteBackup(_Command, frozen=True, kw_only=True):
    """A backup was made, restored into a scratch place, and compared.

    ``size`` and ``root`` are the record's at that moment, ``since`` where an incremental one
    begins, ``bytes`` the length of its file, ``sealed`` how many sealed values came back,
    ``where`` a label of the place, ``digest`` the SHA-256 of the file.
    """

    sort: Sort
    size: Size
    root: Root
    bytes: Size
    where: Line
    digest: Digest
    since: Size = 0
    sealed: Size = 0


class NoteMissedBackup(_Command, frozen=True, kw_only=True):
    """No proven backup came in time (an alarm gives this)."""

    of: Of


class FailBackup(_Command, frozen=True, kw_only=True):
    """A backup was not made, or is hollow: what was found, and why in words."""

    sort: Sort
    found: Found
    where: Line
    why: Reason


class NoteRestore(_Command, frozen=True, kw_only=True):
    """This record was put back from a backup made at ``made``; its first start says so.

    ``known`` is the largest size that the mark or a witness had seen before (``known_by``).
    """

    size: Size
    root: Root
    backup: Line
    made: Micros
    known: Size = 0
    known_by: Line = ""


class GoOn(_Command, frozen=True, kw_only=True):
    """The service goes on although a witness knows more events than the record has.

    ``size`` and ``root`` are what the witness saw, ``have`` is what the record holds. The events
    between are lost; the log begins a new generation.
    """

    size: Size
    root: Root
    have: Size
    witness: Line = ""
    reason: Reason


class NoteLogKey(_Command, frozen=True, kw_only=True):
    """A key that signs the log was made, took the place of another, or was withdrawn.

    ``name`` and ``key_id`` are those of its signatures, ``public`` its verifier's line.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=240)]
    key_id: Name
    change: KeyChange
    public: Line = ""


class NoteWitness(_Command, frozen=True, kw_only=True):
    """A witness is asked from now on, or no longer; or it disagrees with this record.

    Only where it disagrees: ``size`` and ``root`` are what it saw, ``have`` what the record holds.
    """

    witness: Annotated[str, msgspec.Meta(min_length=1, max_length=240)]
    news: News
    public: Line = ""
    url: Line = ""
    size: Size = 0
    root: Line = ""
    have: Size = 0
    why: Line = ""


class AcknowledgeAlarm(_Command, frozen=True, kw_only=True):
    """A supervisor has seen an alarm about the record, and says what is being done."""

    alarm: Name
    remark: Reason


COMMANDS: tuple[type[Command], ...] = (
    WatchBackups, NoteBackup, NoteMissedBackup, FailBackup, NoteRestore, GoOn, NoteLogKey,
    NoteWitness, AcknowledgeAlarm,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class BackupsWatched(Event, frozen=True, kw_only=True):
    """Proven backups are expected at least this often; 0 hours: none is."""

    said = "Proven backups are expected every {every_h} h, of the keys every {keys_every_h} h."
    every_h: Open[int]
    keys_every_h: Open[int]


class BackupMade(Event, frozen=True, kw_only=True):
    """A backup was made and proved: restored into a scratch place, with the same root."""

    said = "A backup ({sort}) of {size} events was made and proved by restoring it: {bytes} bytes."
    sort: Open[Sort]
    size: Open[int]
    root: Open[str]
    bytes: Open[int]
    digest: Open[str]
    since: Open[int] = 0
    sealed: Open[int] = 0
    where: Inside[Line]


class BackupMissed(Event, frozen=True, kw_only=True):
    """No proven backup came within the hours in which one was expected; 0: there never was one."""

    said = "No proven backup of the {of} for more than {every_h} h."
    of: Open[Of]
    every_h: Open[int]
    last_us: Open[int] = 0


class BackupFailed(Event, frozen=True, kw_only=True):
    """A backup was not made, or would have restored nothing."""

    said = "A backup ({sort}) is worth nothing, {found}: {why}"
    sort: Open[Sort]
    found: Open[Found]
    where: Inside[Line]
    why: Inside[Line]


class RecordRestored(Event, frozen=True, kw_only=True):
    """The record was put back from a backup; ``beyond`` counts acknowledged events it lacks."""

    said = (
        "The record was put back from a backup of {size} events"
        "[; {beyond} more had been acknowledged, as {known_by} knows]."
    )
    size: Open[int]
    root: Open[str]
    made_us: Open[int]
    beyond: Open[int] = 0
    known_by: Open[str] = ""
    backup: Inside[Line]


class WentOn(Event, frozen=True, kw_only=True):
    """The service went on without events that there had been: a new generation of the log.

    ``witness`` says who had seen them: a witness, or the mark beside the record.
    """

    said = (
        "The service went on with {have} events although there had been {size}; the log is "
        "in its generation {generation} now: {reason}."
    )
    size: Open[int]
    root: Open[str]
    have: Open[int]
    generation: Open[int]
    witness: Open[str] = ""
    reason: Inside[Line]


class LogKeyChanged(Event, frozen=True, kw_only=True):
    """A key that signs the log was made, rotated in, or withdrawn."""

    said = "The log's key {name} ({key_id}) was {change}."
    name: Open[str]
    key_id: Open[str]
    change: Open[KeyChange]
    public: Open[str] = ""


class WitnessChanged(Event, frozen=True, kw_only=True):
    """A witness is asked for its signature from now on, or no longer."""

    said = "The witness {witness} was {news}."
    witness: Open[str]
    news: Open[News]
    public: Open[str] = ""
    url: Inside[str] = ""


class WitnessDisagreed(Event, frozen=True, kw_only=True):
    """A witness has seen another log, or more of it, than this record holds."""

    said = "The witness {witness} disagrees: it saw {size} events, the record has {have}[: {why}]."
    witness: Open[str]
    size: Open[int]
    root: Open[str]
    have: Open[int]
    why: Inside[Line] = ""


class AlarmAcknowledged(Event, frozen=True, kw_only=True):
    """A supervisor has seen an alarm about the record."""

    said = "The alarm about the {alarm} was acknowledged: {remark}"
    alarm: Open[str]
    remark: Inside[Line]


EVENTS: tuple[type[Event], ...] = (
    BackupsWatched, BackupMade, BackupMissed, BackupFailed, RecordRestored, WentOn, LogKeyChanged,
    WitnessChanged, WitnessDisagreed, AlarmAcknowledged,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class SameWatch(Refusal, frozen=True, kw_only=True):
    """Backups are watched in this way already."""

    not_done = "Not changed: how often a backup is expected."
    because = "It is every {every_h} h already, of the keys every {keys_every_h} h."
    instead = "Nothing needs to be done."
    every_h: Open[int]
    keys_every_h: Open[int]


class GoesBack(Refusal, frozen=True, kw_only=True):
    """A backup that holds less than the last proven one cannot be of this record as it is now."""

    not_done = "Not noted: the backup of {size} events."
    because = "One of {last} events was proved before it; a record never becomes shorter."
    instead = "Check which data folder it was made from, and make it again."
    size: Open[int]
    last: Open[int]


class NotMissed(Refusal, frozen=True, kw_only=True):
    """A backup that is not overdue was not missed."""

    not_done = "Not noted: a missed backup of the {of}."
    because = "The next one is expected only in {wait_s} s."
    instead = "Nothing needs to be done."
    of: Open[str]
    wait_s: Open[int]


class NothingMissing(Refusal, frozen=True, kw_only=True):
    """Nobody has seen more than the record holds: there is nothing to go on without."""

    not_done = "Not done: going on without what is missing."
    because = "{size} events were witnessed and the record has {have}; none of them is missing."
    instead = "Nothing needs to be done; start the service as always."
    size: Open[int]
    have: Open[int]


class KeyKnown(Refusal, frozen=True, kw_only=True):
    """This key was noted before."""

    not_done = "Not noted: the log's key {key_id}."
    because = "It is in use already."
    instead = "Nothing needs to be done; give the change that it has come to."
    key_id: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (
    SameWatch, GoesBack, NotMissed, NothingMissing, KeyKnown,
)  # fmt: skip

WHATS = ("backup", "alarm", "key", "witness")
"""What refusals of this room are about, as their sentences name it."""
