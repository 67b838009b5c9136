"""What may be written next: verbs, and for each sort of part the names that fit what is typed.

An offer is a whole line with the name put in; choosing it never does anything but write it, except
those that lead to a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from answerable.console.bar import lists
from answerable.console.bar.asking import recommended
from answerable.console.bar.grammar import Among, Part, Sort, Verb
from answerable.console.bar.lists import folded
from answerable.console.bar.reading import ASK, Reading
from answerable.console.bar.spot import Spot
from answerable.console.board import STATES, units_text
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, place
from answerable.console.reporting.choice import listed
from answerable.dispatch.views import IncidentLine, UnitLine
from answerable.kernel.authority import Holder
from answerable.matters.problem_state import KNOWN, OPEN, PLANNED
from answerable.place.gazetteer.found import Found
from answerable.towns.titles import Title

SHOWN_MAX = 12
FREE, OUT, OFF = frozenset({"free"}), frozenset({"out of service"}), frozenset({"off duty"})
SENSIBLE = {
    "send": FREE, "oos": FREE, "offduty": FREE, "moveup": FREE, "in": OUT, "onduty": OFF,
}  # fmt: skip
"""What a unit usually does when a verb is about it; the others come after."""
USUAL = (
    "send", "note", "open", "answer", "ack", "arrive", "clear", "close", "find", "undo", "help",
)  # fmt: skip
"""What is offered first where nothing has been typed."""
PAGE_OF = {"take": "open-call"}
"""The name in the table of rights of a page whose address says something else."""
WHENS = ("+15m", "+30m", "+1h", "+2h")


@dataclass(frozen=True)
class Offer:
    """One completion: the line it makes, what it is called, and what is known of it.

    ``caret`` is where writing goes on; ``go`` is an address it leads to instead.
    """

    line: str
    label: str
    detail: str = ""
    caret: int = -1
    go: str = ""


@dataclass(frozen=True)
class Desk:
    """Who is offered something: the centre, their words and their verbs."""

    front: Front
    phrases: Phrases
    verbs: Sequence[Verb]
    pages: frozenset[str] = frozenset()
    """The pages that the role is given."""

    @property
    def chinese(self) -> bool:
        """Say whether verbs are offered in Chinese."""
        return self.phrases.lang.tag.startswith("zh")


def offers(desk: Desk, reading: Reading, spot: Spot, chosen: str, tail: str = "") -> list[Offer]:
    """Return what may come next at the end of what was read, the likeliest first.

    ``tail`` is what stands after the caret, and stays.
    """
    if reading.here.verb:
        return list(islice(_verbs(desk, reading, tail), SHOWN_MAX))
    found: list[Offer] = []
    for part in reading.here.parts:
        found += islice(_of_part(desk, reading, part, spot, chosen, tail), SHOWN_MAX)
    unique = {offer.line: offer for offer in found if offer.line.strip() != reading.line.strip()}
    return list(unique.values())[:SHOWN_MAX]


def written(reading: Reading, text: str, tail: str = "", space: str = " ") -> tuple[str, int]:
    """Return the line with a text put where it is being typed, and where writing goes on."""
    head = reading.line[: reading.here.start]
    if head and not head[-1].isspace() and head[-1] not in "/／":
        head += " "
    head += text + space
    return head + tail.lstrip(), len(head)


# -- verbs -----------------------------------------------------------------------------------


def verb_word(desk: Desk, verb: Verb) -> str:
    """Return the verb as the person's language writes it."""
    return verb.zh[0] if desk.chinese else verb.name


def _verbs(desk: Desk, reading: Reading, tail: str) -> Iterator[Offer]:
    typed = folded(reading.here.text)
    begun = [v for v in desk.verbs if any(folded(word).startswith(typed) for word in v.called)]
    if not typed:
        by_name = {verb.name: verb for verb in desk.verbs}
        begun = [by_name[name] for name in USUAL if name in by_name]
    else:
        begun.sort(key=lambda verb: (typed not in map(folded, verb.called), verb.name))
    meant = [v for v in desk.verbs if len(typed) > 2 and typed in folded(desk.phrases.lang(v.does))]
    for verb in dict.fromkeys([*begun, *meant]):
        if verb is not reading.verb or verb.parts:  # one that stands there whole is no offer
            yield verb_offer(desk, verb, tail)


def verb_offer(desk: Desk, verb: Verb, tail: str = "") -> Offer:
    """Return a verb as an offer: the line it begins, and what it does."""
    head = f"/{verb_word(desk, verb)} "
    others = [word for word in verb.called if word != verb_word(desk, verb)]
    label = f"/{verb_word(desk, verb)}"
    detail = desk.phrases.lang(verb.does)
    short = " ".join(others[:2])
    return Offer(head + tail, label, f"{detail} · {short}" if short else detail, len(head))


# -- names -----------------------------------------------------------------------------------


def _of_part(
    desk: Desk, reading: Reading, part: Part, spot: Spot, chosen: str, tail: str
) -> Iterator[Offer]:
    """Yield what fits one part."""
    if part.led and reading.here.parts != (part,):
        yield from _leads(desk, reading, part, tail)
        return
    make = MAKERS.get(part.sort)
    if make is not None:
        for text, label, detail in make(desk, reading, part, chosen):
            yield _offer(reading, text, label, detail, tail)
    if part.sort is Sort.PLACE:
        yield from places(desk, reading, spot, tail)


def _offer(reading: Reading, text: str, label: str, detail: str, tail: str) -> Offer:
    line, caret = written(reading, text, tail)
    return Offer(line, label, detail, caret)


def _leads(desk: Desk, reading: Reading, part: Part, tail: str) -> Iterator[Offer]:
    """Yield the word that leads a part in."""
    words = [word for word in part.lead if word.isascii() is not desk.chinese] or list(part.lead)
    if not folded(words[0]).startswith(folded(reading.here.text)):
        return
    lang = desk.phrases.lang
    yield _offer(reading, words[0], words[0], lang(part.title or ASK[part.sort]), tail)


Named = Iterator[tuple[str, str, str]]
"""The text to be written, what it is called, what is known of it."""


def _units(desk: Desk, reading: Reading, part: Part, chosen: str) -> Named:
    front, verb, typed = desk.front, reading.verb, folded(reading.here.text)
    lang = desk.phrases.lang
    incident = reading.one("incident") or chosen
    times = _times(front, incident)
    proposed = recommended(front, incident)[1] if part.many else []
    for value, said in part.choices.items():
        word = said[-1] if desk.chinese else said[0]
        names = proposed if value == "*all" else proposed[:1]
        if names and folded(word).startswith(typed):
            yield word, word, lang.join(names)
    units = [u for u in front.board.units.values() if folded(u.unit).startswith(typed)]
    sensible = SENSIBLE.get(verb.name if verb else "", frozenset())
    taken = reading.got.get(part.field, [])

    def rank(unit: UnitLine) -> tuple[object, ...]:
        fits = unit.status in sensible if sensible else bool(unit.jobs)
        wanted = proposed.index(unit.unit) if unit.unit in proposed else len(proposed)
        here = incident not in unit.jobs if not sensible else False
        return not fits, here, wanted, times.get(unit.unit, 1e9), lang.key(unit.unit)

    units.sort(key=rank)
    for unit in units:
        if unit.unit not in taken or folded(unit.unit) == typed:
            yield unit.unit, unit.unit, unit_text(desk, unit, times, unit.unit in proposed)


def _times(front: Front, incident: str) -> dict[str, float]:
    line = front.board.incidents.get(incident)
    node = front.fleet.node_of(line) if line else None
    return {} if node is None else dict(front.fleet.times_s(node, front.now_us()))


def unit_text(desk: Desk, unit: UnitLine, times: dict[str, float], wanted: bool = False) -> str:
    """Return what is known of a unit: "Engine, free, 4:10 away, recommended"."""
    lang, time_s = desk.phrases.lang, times.get(unit.unit)
    parts = [desk.phrases.unit_type(unit.unit_type), lang(STATES.get(unit.status, unit.status))]
    if unit.incident:
        parts.append(unit.incident)
    if time_s is not None and time_s < 1e9 and unit.status == "free":
        parts.append(lang.say(_("{eta} away"), eta=lang.length(min(time_s, 1e6))))
    if wanted:
        parts.append(lang(_("recommended")))
    return lang.join(parts)


def incident_text(desk: Desk, line: IncidentLine) -> str:
    """Return what is known of an incident: kind, place, who is on it."""
    phrases = desk.phrases
    units = units_text(line, phrases)
    said = phrases.lang.join((phrases.kind(line.kind), place(line.address)))
    return f"{said} · {units}" if units else said


def fitting(desk: Desk, among: Among, text: str) -> Iterator[IncidentLine]:
    """Yield the incidents that fit a text by number, kind or place: never by anything sealed."""
    board, typed = desk.front.board, folded(text.lstrip("#＃"))
    held: list[Iterable[IncidentLine]] = []
    if among in (Among.OPEN, Among.ANY):
        held.append(reversed(board.incidents.values()))
    if among in (Among.CLOSED, Among.ANY):
        held.append(reversed(board.closed.values()))
    for lines in held:
        for line in lines:
            if typed in line.incident or (not typed.isdecimal() and _about(desk, line, typed)):
                yield line


def _about(desk: Desk, line: IncidentLine, typed: str) -> bool:
    names = (desk.phrases.kind(line.kind), line.kind, place(line.address), line.address)
    return any(typed in folded(name) for name in names)


def _incidents(desk: Desk, reading: Reading, part: Part, chosen: str) -> Named:
    if part.among is Among.BOOKED:
        typed = reading.here.text.lstrip("#＃")
        for name, due_us in desk.front.board.booked.items():
            if typed in name:
                yield f"#{name}", f"#{name}", desk.phrases.clock(due_us)
        return
    taken = {name for names in reading.got.values() for name in names}
    found = list(islice(fitting(desk, part.among, reading.here.text), SHOWN_MAX + 1))
    found.sort(key=lambda line: line.incident != chosen)
    for line in found:
        if line.incident not in taken or line.incident == chosen:
            yield f"#{line.incident}", f"#{line.incident}", incident_text(desk, line)


def _calls(desk: Desk, reading: Reading, _part: Part, _chosen: str) -> Named:
    typed = reading.here.text.upper()
    calls = sorted(desk.front.board.calls.values(), key=lambda call: call.since_us)
    for call in calls:
        if typed in call.call:
            lang = desk.phrases.lang
            said = lang.join((lang(call.state), desk.phrases.clock(call.since_us)))
            yield call.call, call.call, said


def _kinds(desk: Desk, reading: Reading, _part: Part, _chosen: str) -> Named:
    typed, tag = folded(reading.here.text), desk.phrases.lang.tag
    fits = []
    for kind in desk.front.town.file.kinds:
        names = lists.names_of(kind)
        if any(typed in name for name in names):
            fits.append((not any(name.startswith(typed) for name in names), kind))
    fits.sort(key=lambda one: one[0])
    for _later, kind in fits:
        title = kind.title.of(tag)
        yield title, title, desk.phrases.lang.say(_("priority {code}"), code=kind.priority)


def _simple(names: Callable[[Desk, Part], Iterable[tuple[str, str]]]) -> Callable[..., Named]:
    """Return what offers names from a plain list: each with what is known of it."""

    def make(desk: Desk, reading: Reading, part: Part, _chosen: str) -> Named:
        typed = folded(reading.here.text)
        for name, detail in names(desk, part):
            if typed in folded(name):
                yield name, name, detail

    return make


def _priorities(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    file = desk.front.town.file
    return ((code, "") for code in file.priorities or sorted({k.priority for k in file.kinds}))


def _stations(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    for name in sorted(desk.front.centre.places.stations, key=desk.phrases.lang.key):
        own = [u.unit for u in desk.front.board.units.values()
               if u.station == name and u.status == "free"]  # fmt: skip
        yield name, desk.phrases.lang.join(own)


def _agencies(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    tag = desk.phrases.lang.tag
    return ((one.code, one.title.of(tag)) for one in desk.front.town.file.agencies)


def _support(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    tag = desk.phrases.lang.tag
    return ((one.code, one.title.of(tag)) for one in desk.front.town.supporting.kinds)


def _matters(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    """Yield open matters with their kind and owner, the newest first."""
    front, phrases = desk.front, desk.phrases
    for number, one in reversed(front.hub.state["matters"].tracked.open.items()):
        kind = phrases.of_matter("matter_kind", one.sort)
        yield number, phrases.lang.join((kind, phrases.of_matter("owner", one.owner)))


def _matter_kinds(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    tag = desk.phrases.lang.tag
    return ((one.code, one.title.of(tag)) for one in desk.front.town.matters.kinds)


def _owners(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    front, lang = desk.front, desk.phrases.lang
    for role in front.hub.rooms.authority.roles_for(Holder.ACCOUNT):
        yield role, desk.phrases.of_matter("owner", role)
    yield from ((name, lang.say(_("Station {name}"), name=name)) for name in front.town.stations)
    yield from ((name, "") for name in sorted(front.town.units))


def _problems(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    for number, one in desk.front.hub.state["matters"].problems.items():
        if one.state in KNOWN:
            yield number, place(one.place)


def _plan_steps(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    """Yield the steps that are open in plans that are worked on."""
    for one in desk.front.hub.state["matters"].problems.values():
        if one.state == PLANNED:
            yield from ((n, step.what) for n, step in one.steps.items() if step.state == OPEN)


def _whens(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    front = desk.front
    for text in WHENS:
        amount = int(text[1:-1]) * (3600 if text.endswith("h") else 60)
        yield text, desk.phrases.clock(front.now_us() + amount * 1_000_000)


def _questions(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    tag = desk.phrases.lang.tag
    return ((one.code, Title(one.ask).of(tag)) for one in desk.front.town.script.questions)


def _instructions(desk: Desk, _part: Part) -> Iterable[tuple[str, str]]:
    tag = desk.phrases.lang.tag
    return ((one.code, Title(one.say).of(tag)) for one in desk.front.town.script.instructions)


def _choices(desk: Desk, part: Part) -> Iterable[tuple[str, str]]:
    for value in part.choices:
        if part.sort is not Sort.PAGE or PAGE_OF.get(value, value) in desk.pages:
            yield part.word(value, chinese=desk.chinese), ""


def _words(desk: Desk, reading: Reading, _part: Part, _chosen: str) -> Named:
    typed = folded(reading.here.text)
    verb = reading.verb
    for reason in verb.reasons if verb is not None else ():
        said = desk.phrases.lang(reason)
        if typed in folded(said):
            yield said, said, ""


def _outcomes(desk: Desk, reading: Reading, _part: Part, chosen: str) -> Named:
    """Yield what the unit of the line may report of its incident."""
    front, typed = desk.front, folded(reading.here.text)
    unit = front.board.units.get(reading.one("unit"))
    incident = reading.one("incident") or (unit.incident if unit else "") or chosen
    line = front.board.line(incident)
    if unit is None or line is None:
        return
    for one in listed(front.town, line.kind, unit.unit_type):
        title = one.title.of(desk.phrases.lang.tag)
        if typed in folded(title) or one.code.startswith(typed):
            yield one.code, title, one.code


MAKERS: dict[Sort, Callable[[Desk, Reading, Part, str], Named]] = {
    Sort.UNIT: _units, Sort.INCIDENT: _incidents, Sort.CALL: _calls, Sort.KIND: _kinds,
    Sort.PRIORITY: _simple(_priorities), Sort.STATION: _simple(_stations),
    Sort.AGENCY: _simple(_agencies), Sort.SUPPORT: _simple(_support),
    Sort.MATTER: _simple(_matters), Sort.MATTER_KIND: _simple(_matter_kinds),
    Sort.OWNER: _simple(_owners), Sort.PROBLEM: _simple(_problems),
    Sort.PLAN_STEP: _simple(_plan_steps),
    Sort.WHEN: _simple(_whens), Sort.CHOICE: _simple(_choices),
    Sort.QUESTION: _simple(_questions), Sort.INSTRUCTION: _simple(_instructions),
    Sort.STEP: _simple(_choices), Sort.PAGE: _simple(_choices), Sort.WORDS: _words,
    Sort.OUTCOME: _outcomes,
    Sort.HOSPITAL: _simple(lambda desk, _part: ((h, "") for h in desk.front.town.file.hospitals)),
}  # fmt: skip


# -- places, and finding ---------------------------------------------------------------------


def places(desk: Desk, reading: Reading, spot: Spot, tail: str) -> Iterator[Offer]:
    """Yield the places that the words may mean."""
    for found in spot.like:
        line, caret = written(reading, spot_text(found), tail)
        yield Offer(line, found.door or found.address, spot_detail(desk, found), caret)


def spot_text(found: Found) -> str:
    """Return a place as it is written in a line, so that reading it again finds it."""
    return (found.door or found.address).replace(" / ", " & ")


def spot_detail(desk: Desk, found: Found) -> str:
    """Return where a place is and why it was found."""
    lang = desk.phrases.lang
    reasons = [reason.said(lang) for reason in found.reasons[:1]]
    return lang.join(part for part in (found.area, *reasons) if part)


def finds(desk: Desk, text: str, spot: Spot) -> list[Offer]:
    """Return what a word finds: incidents, units and places; never people."""
    board, typed = desk.front.board, folded(text.strip())
    if not typed:
        return []
    found = [
        Offer("", line.incident, incident_text(desk, line), go=f"/incidents/{line.incident}")
        for line in islice(fitting(desk, Among.ANY, typed), SHOWN_MAX)
    ]
    units = [
        unit for unit in board.units.values()
        if folded(unit.unit).startswith(typed)
        or typed in folded(desk.phrases.unit_type(unit.unit_type))
    ]  # fmt: skip
    units.sort(key=lambda unit: desk.phrases.lang.key(unit.unit))
    for unit in units[:SHOWN_MAX]:
        to = f"/incidents/{unit.incident}" if unit.incident else f"/units#unit-{unit.unit}"
        found.append(Offer("", unit.unit, unit_text(desk, unit, {}), go=to))
    head = "/新建 " if desk.chinese else "/open "
    lead = "在" if desk.chinese else "at"
    may = any(verb.name == "open" for verb in desk.verbs)
    for one in spot.like:
        line = f"{head} {lead} {spot_text(one)}" if may else ""
        detail = desk.phrases.lang.join(
            part for part in (spot_detail(desk, one), nearest(desk, one)) if part
        )
        found.append(Offer(line, one.door or one.address, detail, len(head)))
    return found


def nearest(desk: Desk, found: Found) -> str:
    """Return the free unit nearest to a place by road, and how far it is."""
    front, lang = desk.front, desk.phrases.lang
    snap = front.centre.places.snap(found.lon, found.lat)
    if snap.far:
        return ""
    times = front.fleet.times_s(snap.node, front.now_us())
    unit, time_s = min(times.items(), key=lambda one: one[1], default=("", 1e9))
    if time_s >= 86_400:
        return ""
    return lang.say(_("nearest free: {unit}, {eta}"), unit=unit, eta=lang.length(time_s))
