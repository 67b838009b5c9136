"""Standards as an administrator sees them: editions, from when, and adopting another text.

A text is checked first; what was checked is what is adopted, by its digest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from answerable.console.admin.asks import Ask, Box
from answerable.console.admin.office import Office
from answerable.console.language import Language, _
from answerable.console.session import Session
from answerable.standards.definition import BadStandard, digest_of, read_standard
from answerable.standards.state import State
from answerable.standards.words import AdoptStandard, Clock, Standard, StandardAdopted

TEXT_MAX = 60_000


def state_of(office: Office) -> State:
    """Return the state of the room of standards."""
    state: State = office.front.hub.state["standards"]
    return state


def listed(office: Office, lang: Language) -> list[dict[str, Any]]:
    """Return every adopted standard with its editions, the newest first."""
    phrases = office.phrases(lang)
    rows = []
    for adopted in state_of(office).standards.values():
        editions = [
            {
                "edition": event.edition, "by": lang(told.actor), "digest": event.digest[:12],
                "from": f"{phrases.day(event.from_us)} {phrases.clock(event.from_us)}",
                "clocks": len(event.definition.clocks),
            }
            for told in office.front.hub.store.stream(f"standard:{adopted.name}")
            if isinstance(event := office.front.hub.rooms.decode(told), StandardAdopted)
        ]  # fmt: skip
        rows.append(
            {
                "name": phrases.named(adopted.name, adopted.zh),
                "code": adopted.name,
                "source": adopted.source,
                "editions": editions[::-1],
            }
        )
    return rows


def pasting(lang: Language) -> Ask:
    """Return the form that takes a standard's text; it is checked before anything else."""
    return Ask(
        "/admin/town/standard/check", lang(_("Check a standard")),
        lang(_("Nothing is adopted yet: the text is read, and what it would change is shown.")),
        (
            Box("text", lang(_("The standard's TOML")), "long", max=TEXT_MAX),
            Box("file", lang(_("or a file")), "file", required=False),
        ),
        first=True, keep=True,
    )  # fmt: skip


def proposed(office: Office, session: Session, lang: Language, text: str) -> dict[str, Any]:
    """Return what adopting a text would change, or where it is wrong."""
    try:
        standard = read_standard(text)
    except BadStandard as bad:
        return {"bad": {"where": bad.where, "problem": bad.problem, "remedy": bad.remedy}}
    adopted = state_of(office).standards.get(standard.name)
    digest = digest_of(standard)
    return {
        "bad": None,
        "name": standard.name,
        "source": lang(standard.source),
        "edition": adopted.edition + 1 if adopted else 1,
        "same": adopted is not None and adopted.digest == digest,
        "changes": list(_changes(office, lang, standard)),
        "digest": digest,
        "may": office.may(session, AdoptStandard),
    }


def _changes(office: Office, lang: Language, standard: Standard) -> Iterator[dict[str, str]]:
    """Yield every promise that would be new, changed or gone."""
    state = state_of(office)
    adopted = state.standards.get(standard.name)
    numbers = adopted.clocks if adopted else ()
    before = {state.clocks[n].clock.name: state.clocks[n].clock for n in numbers}
    for clock in standard.clocks:
        old = before.pop(clock.name, None)
        if old is None:
            yield {"name": clock.name, "how": lang(_("new")), "was": "", "is": promise(lang, clock)}
        elif old != clock:
            yield {"name": clock.name, "how": lang(_("changed")), "was": promise(lang, old),
                   "is": promise(lang, clock)}  # fmt: skip
    for name, old in before.items():
        yield {"name": name, "how": lang(_("gone")), "was": promise(lang, old), "is": ""}


def promise(lang: Language, clock: Clock) -> str:
    """Return a promise on one line: from what to what, within what, for which."""
    goal = "" if clock.target is None else f", {lang.percent(clock.target)}"
    where = "; ".join(f"{name}: {', '.join(values)}" for name, values in clock.where.items())
    ends = ", ".join(clock.stops)
    by_date = lang.say(_("by the date it says ({field})"), field=clock.due)
    limit = by_date if clock.limit_s is None else lang.length(clock.limit_s)
    return f"{clock.starts} → {ends}: {limit}{goal}{f' [{where}]' if where else ''}"
