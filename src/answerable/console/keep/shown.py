"""How the backups stand, for health checks, metrics, the page of health and the board's alarm."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from answerable.console.language import Language, _
from answerable.console.serve.check import Check, Found
from answerable.keeping.rules import ALARMS, State, Trouble
from answerable.keeping.views import Kept, kept, standing
from answerable.keeping.words import Of

if TYPE_CHECKING:
    from answerable.console.front import Front

MB = 1024 * 1024


def state_of(front: Front) -> State:
    """Return what is known of the record's keeping."""
    state: State = front.hub.state["keeping"]
    return state


def watched(front: Front) -> None:
    """Put numbers and checks where metrics and health find them; a demonstration has none."""
    front.gauges["keeping_alarms"] = (
        "Alarms about the record that stand: backups, witnesses.",
        lambda: float(count(front)),
    )
    for of, name in ((Of.RECORD, "backup"), (Of.KEYS, "keys_backup")):
        front.gauges[f"{name}_proven_timestamp_seconds"] = (
            f"When the last proven backup of the {of} was made; 0: never.",
            partial(_last_s, front, of),
        )
    if front.demo is None:
        front.checks += [partial(_check, front, of) for of in Of]


def _last_s(front: Front, of: Of) -> float:
    last = state_of(front).last(of)
    return last.at_us / 1e6 if last else 0.0


def count(front: Front) -> int:
    """Return how many alarms about the record stand: all that a console without rights is told."""
    return len(standing(state_of(front)))


# -- checks of health ------------------------------------------------------------------------


def _check(front: Front, of: Of) -> Check:
    """Return how the backups stand. None of it makes the centre unwell: calls are taken."""
    state = state_of(front)
    found = kept(state, of)
    name = "backups" if of is Of.RECORD else "key_backups"
    trouble = standing(state).get(ALARMS[of is Of.KEYS])
    if trouble is not None:
        return _alarmed(name, trouble, found)
    if not found.every_h and state.watched_us:
        return Check(
            name=name, found=Found.WATCH, means=_("Nobody waits for a backup."),
            instead=_("Say under [backup] how often one is expected."),
        )  # fmt: skip
    if found.last is None:  # an alarm stands once it is overdue
        return Check(
            name=name, found=Found.WELL, means=_("No backup has been proved yet."),
            instead=_("Make one with 'answerable backup', or let the service do it."),
        )  # fmt: skip
    hours = (found.age_s(front.now_us()) or 0.0) / 3600
    return Check(
        name=name, found=Found.WELL, values={"hours": f"{hours:.1f}", "size": found.last.size},
        means=_("The last proven backup is {hours} h old, of {size} events."),
    )  # fmt: skip


def _alarmed(name: str, trouble: Trouble, found: Kept) -> Check:
    if trouble.event == "keeping.BackupMissed":
        return Check(
            name=name, found=Found.WATCH, values={"every_h": found.every_h},
            means=_("No backup has been proved for more than {every_h} h."),
            instead=_("Make one now with 'answerable backup', and see why none came."),
        )  # fmt: skip
    return Check(
        name=name, found=Found.WATCH, values={"why": trouble.why},
        means=_("A backup is worth nothing: {why}"),
        instead=_("Put that right, then make one with 'answerable backup'."),
    )  # fmt: skip


# -- the page of health ----------------------------------------------------------------------


def section(front: Front, lang: Language) -> list[dict[str, str]]:
    """Return a row for the backups of the record and one for those of the keys."""
    return [_row(front, lang, of) for of in Of]


def _row(front: Front, lang: Language, of: Of) -> dict[str, str]:
    found = kept(state_of(front), of)
    if (last := found.last) is None:
        made, size, where = lang(_("never")), "–", "–"
    else:
        made = f"{front.told(last.at_us)} ({_age(front, lang, found)})"
        size = lang.say(_("{size} events, {mb} MB, {sort}"), size=lang.number(last.size),
                        mb=f"{last.bytes / MB:.1f}", sort=lang(last.sort.value))  # fmt: skip
        where = last.where
    due = front.told(found.next_us) if found.next_us else lang(_("nobody waits for one"))
    return {"of": lang(of.value), "made": made, "size": size, "where": where, "due": due}


def _age(front: Front, lang: Language, found: Kept) -> str:
    return lang.say(_("{length} ago"), length=lang.length(found.age_s(front.now_us()) or 0.0))


# -- alarms ----------------------------------------------------------------------------------


def alarms(front: Front, lang: Language) -> list[dict[str, Any]]:
    """Return the alarms that stand, as the page of health tells them."""
    return list(_alarms(front, lang))


def _alarms(front: Front, lang: Language) -> Iterator[dict[str, Any]]:
    for name, one in standing(state_of(front)).items():
        yield {
            "alarm": name, "name": lang(name), "since": front.told(one.since_us),
            "why": one.why or lang(_("none was proved in time")), "position": one.position,
        }  # fmt: skip
