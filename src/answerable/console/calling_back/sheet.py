"""One caller's call-back: what it is about, what to say, what may be done with it.

The number is read from the vault through the gate, and only for whoever's reading is recorded for
it (``Gate.counts``); it is nowhere else, and the page that shows it is not kept by any browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from answerable.console.board import units_text
from answerable.console.calling_back.queue import Asked, entries, rung
from answerable.console.front import Front
from answerable.console.language import Language, _, language, languages
from answerable.console.phrases import Phrases, Unseal, place
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.dispatch.views import IncidentLine
from answerable.followup import back_words as w
from answerable.followup.back_arms import ANSWERED, BARRED, DECLINED, DUE, HELD, UNREACHABLE
from answerable.followup.state import Back, State
from answerable.followup.views import Entry
from answerable.kernel.event import Command
from answerable.towns.following import ABOUT, MINUTE_US, Script, next_open
from answerable.towns.titles import Title

OUTCOMES: tuple[tuple[w.Outcome, str, str], ...] = (
    (w.Outcome.NO_ANSWER, "n", _("no answer")), (w.Outcome.BUSY, "y", _("busy")),
    (w.Outcome.NOT_IN_SERVICE, "x", _("not in service")),
    (w.Outcome.WRONG_PERSON, "w", _("wrong person")),
    (w.Outcome.REFUSED, "f", _("refused to talk")),
)  # fmt: skip
"""What came of ringing, each with its key and its words."""
BARS: tuple[tuple[w.Bar, str], ...] = (
    (w.Bar.SENSITIVE, _("sensitive kind")), (w.Bar.NO_NUMBER, _("no number")),
    (w.Bar.CHILD, _("a child")), (w.Bar.SAFETY, _("safety at risk")),
    (w.Bar.ALARM, _("automatic alarm")), (w.Bar.ERASED, _("erased")),
    (w.Bar.NO_INCIDENT, _("no incident")), (w.Bar.OTHER, _("other")),
)  # fmt: skip
TITLES = {
    "manner": _("manner"), "speed": _("speed"), "result": _("result"), "overall": _("overall"),
}  # fmt: skip
STANDS = {
    DUE: _("to be rung"), HELD: _("waits: it is open again"), ANSWERED: _("has answered"),
    DECLINED: _("did not want to be asked"), UNREACHABLE: _("could not be reached"),
    BARRED: _("not rung"),
}  # fmt: skip
WAYS = (_("phone"), _("text"), _("link"))
"""Further values of this room's events that pages show."""
LATER: tuple[tuple[int, str], ...] = (
    (60, _("in an hour")), (180, _("in three hours")), (24 * 60, _("tomorrow at this hour")),
)  # fmt: skip
"""Better times that one click chooses, in minutes from now."""


def no_call_back(call: str) -> Refused:
    """Return that nobody is to be asked about a call, or was lately."""
    return Refused(
        404, "console.NoCallBack", "Not shown.", "Call {call} has no call-back here.",
        "Look at its incident: it is asked once that is closed, and shown for a fortnight.",
        call=call[:40],
    )  # fmt: skip


def entry_of(front: Front, call: str) -> Entry:
    """Return the entry of a call. Raises Refused (404)."""
    found = entries(front).entry(call)
    if found is None:
        raise no_call_back(call)
    return found


def sheet(
    front: Front, session: Session, entry: Entry, asked: Asked, lang: Language
) -> dict[str, Any]:
    """Return what the page shows of one call-back. Raises Refused where it is out of reach."""
    phrases = front.phrases(lang.tag)
    with front.at_hand(entry.incident):
        front.gate.check_reach(session.actor, entry.incident)
        line = front.board.line(entry.incident)
        opened = front.gate.unseal_for(session.actor, entry.incident, lang)
        reading = front.gate.counts(session.actor, entry.incident)
        number = _number(front, entry.call, opened) if reading else ""
        state: State = front.hub.state["followup"]
        back = state.backs.get(entry.call, Back())
        told = _head(front, entry, line, phrases)
    return told | {
        "asked": asked,
        "back": asked.href(),
        "here": asked.href(entry.call),
        "number": number,
        "reading": reading,
        "acts": _acts(front, session, entry, back),
        "script": _script(front, entry, line, phrases),
        "outcomes": [(one.value, key, lang(title)) for one, key, title in OUTCOMES],
        "bars": [(one.value, lang(title)) for one, title in BARS if one in w.BY_HAND],
        "tongues": [(tag, name) for tag, name in front.town.following.languages.items()
                    if tag != entry.language],
        "later": _later(front, phrases),
        "attempts": _attempts(front, entry, lang),
    }  # fmt: skip


def _number(front: Front, call: str, unseal: Unseal) -> str:
    for row in front.hub.store.stream(f"call:{call}"):
        event = front.hub.rooms.decode(row)
        if getattr(event, "number", ""):
            return unseal(row.position, "number") or ""
    return ""


def _head(
    front: Front, entry: Entry, line: IncidentLine | None, phrases: Phrases
) -> dict[str, Any]:
    lang, now_us = phrases.lang, front.now_us()
    by = rung(entry, now_us)
    return {
        "call": entry.call,
        "incident": entry.incident,
        "kind": phrases.kind(entry.kind),
        "where": place(line.address) if line else "",
        "area": line.neighborhood if line else "",
        "opened": phrases.moment(line.opened_us, now_us) if line else "",
        "units": units_text(line, phrases) if line else "",
        "outcome": phrases.outcome(line.outcome) if line else "",
        "state": entry.state,
        "stands": lang(STANDS[entry.state]),
        "reason": lang(entry.outcome) if entry.state == BARRED else "",
        "from": phrases.moment(entry.from_us, now_us) if entry.from_us > now_us else "",
        "tries": entry.tries,
        "tongue": front.town.following.languages.get(entry.language, entry.language),
        "marks": list(zip([lang(TITLES[one]) for one in ABOUT], entry.marks, strict=False)),
        "wants": entry.wants,
        "rung_until": phrases.clock(entry.until_us)[:5] if by else "",
        "ringing": by,
        "sent": entry.sent,
    }  # fmt: skip


def _acts(front: Front, session: Session, entry: Entry, back: Back) -> dict[str, bool]:
    """Return which acts the page offers: those the role is given and the life allows."""
    rights, role, now_us = front.hub.rooms.authority, session.actor.role, front.now_us()
    mine = rung(entry, now_us) and entry.by == session.actor.name
    free = entry.state == DUE and not rung(entry, now_us, session.actor.name)
    settled = entry.state in (ANSWERED, DECLINED, UNREACHABLE)
    allowed: dict[str, tuple[type[Command], bool]] = {
        "take": (w.TakeCallBack, free and not mine),
        "leave": (w.LeaveCallBack, mine),
        "ask": (w.AnswerCallBack, free),
        "tried": (w.TriedCallBack, free and entry.by == session.actor.name),
        "defer": (w.DeferCallBack, free),
        "speak": (w.SpeakCallBack, free),
        "bar": (w.BarCallBack, free or entry.state in (HELD, UNREACHABLE)),
        "allow": (w.AllowCallBack, entry.state == BARRED and entry.outcome in w.BY_HAND),
        "undo": (w.TakeBackCallBack, settled and bool(back.last) and not back.unhappy),
    }  # fmt: skip
    return {name: may and rights.may_do(role, to.tag) for name, (to, may) in allowed.items()} | {
        "mine": mine, "thread": rights.may_open(role, "incident"),
        "open_hours": next_open(front.town, now_us) == now_us,
    }  # fmt: skip


# -- what is said ------------------------------------------------------------------------------


def _script(
    front: Front, entry: Entry, line: IncidentLine | None, phrases: Phrases
) -> dict[str, Any] | None:
    """Return what is said to the caller, the caller's language first; None where the town has none.

    Each sentence comes in every language of the town, side by side.
    """
    following = front.town.following
    script = following.script
    if script is None:
        return None
    tongues = sorted(following.languages, key=lambda tag: tag != entry.language)

    def said(sentence: Mapping[str, str]) -> list[tuple[str, str]]:
        title = Title(sentence)
        return [(tag, _filled(title.of(tag), _holes(front, line, tag))) for tag in tongues]

    return {
        "tongues": [(tag, following.languages[tag]) for tag in tongues],
        "hello": said(script.hello),
        "questions": _questions(script, tongues, phrases.lang, said),
        "words": said(script.words),
        "goodbye": said(script.goodbye),
        "unknown": said(script.unknown),
    }


def _questions(
    script: Script,
    tongues: Sequence[str],
    lang: Language,
    said: Any,  # noqa: ANN401
) -> list[dict[str, Any]]:
    marks = [(nth, Title(mark).of(lang.tag), Title(mark).of(tongues[0]))
             for nth, mark in enumerate(script.marks, 1)]  # fmt: skip
    return [
        {"about": one.about, "title": lang(TITLES[one.about]), "ask": said(one.ask), "marks": marks}
        for one in script.questions
    ]


def _holes(front: Front, line: IncidentLine | None, tag: str) -> dict[str, str]:
    """Return when the caller rang, as a language writes it; as ISO where the console has it not."""
    if line is None:
        return {"day": "", "time": ""}
    local = front.town.local(line.opened_us)
    day = language(tag).day(local.date()) if tag in languages() else local.date().isoformat()
    return {"day": day, "time": f"{local:%H:%M}"}


def _filled(sentence: str, holes: Mapping[str, str]) -> str:
    for name, value in holes.items():
        sentence = sentence.replace(f"{{{name}}}", value)
    return sentence


def _later(front: Front, phrases: Phrases) -> list[tuple[int, str]]:
    """Return better times, each once and within the hours: when it would be, and in words."""
    now_us = front.now_us()
    found: dict[int, str] = {}
    for minutes, words in LATER:
        until_us = next_open(front.town, now_us + minutes * MINUTE_US)
        told = f"{phrases.lang(words)} · {phrases.moment(until_us, now_us)}"
        found.setdefault(until_us, told)
    return list(found.items())


def _attempts(front: Front, entry: Entry, lang: Language) -> str:
    most = front.town.following.ringing.tries
    return lang.say(_("{count} of {most} attempts"), count=entry.tries, most=most)
