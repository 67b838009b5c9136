"""What an incident has to do with others, its calls, and what may be done about that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from answerable.console.acts import ASKED_BY, Act
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, place
from answerable.dispatch import merge_words as merge
from answerable.dispatch.nearby import Because, Candidate
from answerable.dispatch.views import IncidentLine
from answerable.intake import join_words as join
from answerable.kernel.event import Event

CALLS_SHOWN = 30
LIKELY = 3
"""Incidents near this one that are named as perhaps the same."""
SCORE_MIN = 0.15
"""What is less likely than that is not named: somebody would have to look at it for nothing."""
WORDS: dict[str, str] = {
    "metres away": _("{figure} m away"), "minutes ago": _("{figure} min ago"),
    "same kind": _("same kind"), "same service": _("same service"),
    "another kind": _("another kind"), "merged into it": _("one merged into it is near"),
    "closed": _("closed"),
}  # fmt: skip
"""Why an incident may be the one meant, in words."""
IT: dict[type[Event], str] = {
    merge.IncidentMerged: _("Merge into it"), join.IncidentsLinked: _("Link with it"),
}  # fmt: skip
"""What a step is called beside the other incident itself."""
JUST_NOW = Because("minutes ago", 0)
ELSEWHERE = ("CallDetached", "IncidentsUnlinked", "IncidentSplit")
"""Steps whose forms stand beside the call or incident they are about."""


def because(reasons: Iterable[Because], phrases: Phrases) -> str:
    """Return why an incident may be the one meant: "70 m away, same kind, 4 min ago"."""
    said = (
        phrases.lang(_("just now"))
        if one == JUST_NOW
        else phrases.lang.say(WORDS[one.code], figure=one.figure)
        for one in reasons
    )
    return phrases.lang.join(said)


def others(line: IncidentLine, phrases: Phrases) -> list[dict[str, Any]]:
    """Return the incidents it has to do with, by what it has to do with them."""
    told: tuple[tuple[str, list[str]], ...] = (
        (_("merged into"), [line.into] if line.into else []),
        (_("goes on for"), line.merged), (_("linked with"), line.linked),
        (_("split off"), [line.part_of] if line.part_of else []), (_("split into"), line.parts),
    )  # fmt: skip
    return [
        {"label": phrases.lang(label), "incidents": [linked(name) for name in names]}
        for label, names in told
        if names
    ]


def linked(name: str) -> dict[str, str]:
    """Return the number of an incident with the address of its page."""
    return {"number": name, "href": f"/incidents/{quote(name, safe='')}"}


def side(front: Front, line: IncidentLine, phrases: Phrases, role: str) -> dict[str, Any]:
    """Return its calls, its links and what may be the same, each with what may be done about it."""
    return {
        "calls": list(_calls(front, line, phrases, role)),
        "links": list(_links(front, line, phrases, role)),
        "likely": list(_likely(front, line, phrases, role)),
    }


def _acts(
    front: Front, phrases: Phrases, role: str, wanted: Iterable[tuple[type[Event], dict[str, str]]],
    values: Mapping[str, str] | None = None,
) -> list[Act]:  # fmt: skip
    """Return the forms of the steps that the role may take."""
    acts = front.acts(role, phrases.lang.tag)
    made = [
        acts.act(command, IT.get(event, label), fixed, step=event.__name__)
        for event, fixed in wanted
        for command, label in (ASKED_BY[event],)
        if acts.may(command)
    ]
    return [acts.with_values(one, values or {}) for one in made]


def _calls(
    front: Front, line: IncidentLine, phrases: Phrases, role: str
) -> Iterator[dict[str, Any]]:
    """Yield its calls, and those of what was merged into it; a call may be taken off or split."""
    values = {"kind": line.kind, "priority": line.priority}
    for call in line.calls[-CALLS_SHOWN:]:
        wanted: list[tuple[type[Event], dict[str, str]]] = [(join.CallDetached, {"call": call})]
        if len(line.calls) > 1:
            fixed = {"incident": line.incident, "call": call, "into": ""}
            wanted.append((join.IncidentSplit, fixed))
        acts = _acts(front, phrases, role, wanted, values) if line.state == "open" else []
        yield {"call": call, "via": None, "acts": acts}
    for name in line.merged:
        other = front.board.line(name)
        for call in other.calls[-CALLS_SHOWN:] if other else ():
            yield {"call": call, "via": linked(name), "acts": []}


def _links(
    front: Front, line: IncidentLine, phrases: Phrases, role: str
) -> Iterator[dict[str, Any]]:
    """Yield what it is linked with, and what was merged into it; either may be taken back."""
    for name in line.linked:
        fixed = {"incident": line.incident, "other": name}
        acts = _acts(front, phrases, role, [(join.IncidentsUnlinked, fixed)])
        yield {**linked(name), "label": phrases.lang(_("linked with")), "acts": acts}
    for name in line.merged:
        acts = _acts(front, phrases, role, [(merge.IncidentUnmerged, {"incident": name})])
        yield {**linked(name), "label": phrases.lang(_("goes on for")), "acts": acts}


def _near(front: Front, line: IncidentLine) -> list[Candidate]:
    """Return the incidents that may be the same as an open one, the likeliest first."""
    if line.state != "open" or line.lon is None or line.lat is None:
        return []
    known = {line.incident, *line.linked, *line.merged, line.part_of, *line.parts}
    near = front.nearby.like(line.kind, line.lon, line.lat, front.now_us(), LIKELY + len(known))
    fits = [one for one in near if one.incident not in known and one.score >= SCORE_MIN]
    return fits[:LIKELY]


def likeliest(front: Front, line: IncidentLine, phrases: Phrases) -> dict[str, str] | None:
    """Return the one that is most likely the same, for the head of the page; None for none."""
    found = _near(front, line)
    return told(found[0], phrases) if found else None


def told(one: Candidate, phrases: Phrases) -> dict[str, str]:
    """Return a candidate in words, with the address of its page."""
    return {
        **linked(one.incident),
        "what": phrases.kind(one.kind),
        "where": place(one.address),
        "because": because(one.because, phrases),
    }


def _likely(
    front: Front, line: IncidentLine, phrases: Phrases, role: str
) -> Iterator[dict[str, Any]]:
    """Yield what may be the same, with the forms that make it so: an ended one is only named."""
    for one in _near(front, line):
        wanted: list[tuple[type[Event], dict[str, str]]] = []
        if one.state == "open":
            ids = {"incident": line.incident}
            wanted.append((merge.IncidentMerged, {**ids, "into": one.incident}))
            wanted.append((join.IncidentsLinked, {**ids, "other": one.incident}))
        yield {**told(one, phrases), "acts": _acts(front, phrases, role, wanted)}
