"""The witnesses of a centre: asked before it starts, beside its work, and told of in its record.

A record that ends before what was witnessed is an older copy; one whose beginning is another was
altered. Neither is opened. Going on all the same is an act of its own (``--go-on``): it stands in
the record, and the log goes on under another name, so that its old word is not broken.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from answerable.console.control import OPERATOR
from answerable.console.front import Front
from answerable.console.log.asking import Asking
from answerable.console.log.begin import usual_origin
from answerable.console.running import CannotBegin
from answerable.console.sanity import new_key
from answerable.console.serve.settings import Settings
from answerable.console.tongue import _, said, word
from answerable.keeping import words as k
from answerable.kernel.desk import Unavailable
from answerable.kernel.hub import Accepted, Hub
from answerable.record import RECORD_FILE
from answerable.record.log.checkpoint import Checkpoint, opened
from answerable.record.log.kept import checkpoint_of
from answerable.record.log.keys import KEYS_FILE, LogKeys, open_keys, origin_in
from answerable.record.log.notes import Verifier, parse
from answerable.record.log.refusals import CheckpointDamaged, LogRefusal
from answerable.towns.load import load_town, town_folder
from answerable.witness.client import Witness
from answerable.witness.refusals import Disagrees, NotCosigned
from answerable.witness.start import Past, Seen, asked, judged

NO_ROOT = "0" * 64
"""Stands for a root that a witness does not tell."""

REASON_MAX = 240
HERE = _("The checkpoint signed here last")

log = logging.getLogger("answerable.witness")


class Gap(NamedTuple):
    """What was seen and is not in the record; ``have`` is how much of it is there as it was.

    ``generation`` is the one of the log it was seen of.
    """

    seen: Seen
    have: int
    generation: int = 1


# -- before the record is opened -------------------------------------------------------------


def before_start(settings: Settings, go_on: str = "") -> Gap | None:
    """Refuse a record that does not go on from what was seen of it. Raises CannotBegin.

    With a reason to ``go_on``, return what is missing instead. A witness that cannot say is told
    of on the standard error, and is no reason to stop.
    """
    if go_on and not 2 <= len(go_on) <= REASON_MAX:
        raise CannotBegin(
            said("Not started: the reason given with --go-on cannot be recorded. It has {count} "
                 "characters. Give one of 2 to {most}.", count=len(go_on), most=REASON_MAX)
        )  # fmt: skip
    record = Path(settings.data) / RECORD_FILE
    known = settings.log.witnesses or checkpoint_of(record).is_file()
    gap = _looked(settings, record) if known else None
    if gap is None and go_on:
        raise CannotBegin(
            said("Not started: there is nothing to go on without. The record in {data} has "
                 "everything that was signed and witnessed, as far as anybody could be asked. "
                 "Start it without --go-on.", data=settings.data)
        )  # fmt: skip
    if gap is not None and not go_on:
        raise CannotBegin(_missing(gap, settings.data))
    return gap


def _looked(settings: Settings, record: Path) -> Gap | None:
    """Compare the record with everything that was seen of it; returns the worst that is missing."""
    past = Past(record)
    try:
        origin, generation, keys = _log_of(settings, past)
        seen = _kept(record, keys, past) if keys else []
        witnesses = [Witness(Verifier.parse(at.vkey), at.url) for at in settings.log.witnesses]
        told, failed = asyncio.run(asked(past, origin, keys.signer if keys else None, witnesses))
        seen += told
        for refusal in failed:
            log.warning("%s", refusal)
        wrong = max((one for one in seen if not one.agrees), key=lambda one: one.size, default=None)
        if wrong is None:
            return None
        agreed = max((one.size for one in seen if one.agrees), default=0)
        have = past.size if past.size < wrong.size else min(agreed, wrong.size - 1)
        return Gap(wrong, have, generation)
    finally:
        past.close()


def _log_of(settings: Settings, past: Past) -> tuple[str, int, LogKeys | None]:
    """Return the name of the log as others know it, its generation, and its keys of that name."""
    base = settings.log.origin or usual_origin(load_town(town_folder(settings.town)).name)
    generation = past.went_on().generation
    origin = origin_in(base, generation)
    path = Path(settings.data) / KEYS_FILE
    if not path.exists():
        return origin, generation, None
    keys = open_keys(path)
    if keys.origin in [origin_in(base, one) for one in range(1, generation)]:
        return origin, generation, None  # it has gone on already: its new log begins at this start
    number = keys.origin.removeprefix(f"{base}/")
    if keys.origin.startswith(f"{base}/") and number.isdecimal():
        generation = int(number)  # later than the record's own, where that is an older copy
    return keys.origin, generation, keys


def _kept(record: Path, keys: LogKeys, past: Past) -> list[Seen]:
    """Return what this machine itself signed last, beside the record. Raises CheckpointDamaged."""
    path = checkpoint_of(record)
    try:
        found = opened(path.read_bytes(), keys.verifiers, keys.origin).checkpoint
        at_s = path.stat().st_mtime_ns // 1_000_000_000
    except FileNotFoundError:
        return []
    except (OSError, LogRefusal) as error:
        raise CheckpointDamaged(
            f"Not started: the last signed checkpoint in {path} cannot be used.", f"{error}",
            "Put its backup in its place; a log must know what it has signed.",
        ) from error  # fmt: skip
    return [judged(past, Seen(HERE, found.size, found.root.hex(), at_s))]


def _missing(gap: Gap, data: str) -> str:
    """Return why the centre does not start, in three sentences."""
    seen = gap.seen
    at = datetime.datetime.fromtimestamp(seen.at_s, datetime.UTC).astimezone() if seen.at_s else ""
    when = f" ({at:%Y-%m-%d %H:%M %Z})" if at else ""
    return said(
        "Not started: the record in {data} is not the one that was seen before. {by}{when} knows "
        "{to} events, and from event {first} on they are not in it as they were: an older copy "
        "was put back, the end was lost, or events were changed. Restore the newest backup; or, "
        'if there is none, go on without them: answerable serve --go-on "WHY", which stands in '
        "the record and begins a new log.",
        data=data, by=word(seen.by), when=when, to=seen.size, first=gap.have + 1,
    )  # fmt: skip


# -- going on, and telling the record --------------------------------------------------------


def went_on(hub: Hub, gap: Gap, reason: str) -> None:
    """Record that the service goes on without what is missing.

    The log's new name is one it never had, also where the copy is older than its last one.
    """
    seen = gap.seen
    while hub.state["keeping"].generation <= gap.generation:
        command = k.GoOn(
            key=new_key("go-on"), size=seen.size, root=seen.root or NO_ROOT, have=gap.have,
            witness=seen.by[:240], reason=reason,
        )  # fmt: skip
        outcome = hub.do(command, OPERATOR)
        assert isinstance(outcome, Accepted), f"going on was decided: {outcome}"
        hub.commit()


def note_witnesses(hub: Hub, settings: Settings) -> None:
    """Note in the record which witnesses are asked from now on, and which no longer."""
    known = dict(hub.state["keeping"].witnesses)
    for at in settings.log.witnesses:
        name = Verifier.parse(at.vkey).name
        if known.pop(name, None) != at.vkey:
            hub.do(_noting(name, k.News.ADDED, at.vkey, at.url), OPERATOR)
    for name, vkey in known.items():
        hub.do(_noting(name, k.News.WITHDRAWN, vkey, ""), OPERATOR)
    hub.commit()


def _noting(name: str, news: k.News, vkey: str, url: str) -> k.NoteWitness:
    return k.NoteWitness(
        key=new_key("witness"), witness=name, news=news, public=vkey[:240], url=url[:240]
    )


# -- beside the work -------------------------------------------------------------------------


class Alarming(Witness):
    """A witness whose disagreement is an alarm in the record, once for each thing it says."""

    def __init__(self, verifier: Verifier, url: str, front: Front) -> None:
        super().__init__(verifier, url)
        self._front = front
        self._told: set[tuple[str, int]] = set()

    async def cosign(self, checkpoint: bytes, old_size: int, consistency: Sequence[bytes]) -> bytes:
        """Ask, and record it where what it saw is not the beginning of this log."""
        try:
            return await super().cosign(checkpoint, old_size, consistency)
        except NotCosigned as refusal:
            size = Checkpoint.parse(parse(checkpoint).text).size
            known = refusal.size or 0
            if isinstance(refusal, Disagrees) or known > size:
                await self._alarm(refusal, known or old_size, size)
            raise

    async def _alarm(self, refusal: NotCosigned, known: int, have: int) -> None:
        told = (refusal.code, known)
        if told in self._told:
            return
        self._told.add(told)
        command = k.NoteWitness(
            key=new_key("witness"), witness=self.verifier.name, news=k.News.DISAGREED,
            size=known, have=have, why=str(refusal)[:240],
        )  # fmt: skip
        with contextlib.suppress(Unavailable):
            await self._front.desk.ask(command, OPERATOR)


def asking_of(front: Front, settings: Settings) -> list[Asking]:
    """Return the witnesses of the settings, each to be asked beside the work."""
    return [
        Asking(at.name, Alarming(Verifier.parse(at.vkey), at.url, front))
        for at in settings.log.witnesses
    ]
