"""The engine: one fold that starts, stops, suspends, extends and rings every clock of the centre.

It looks at every event of every room, by kind and field name, through a plan made once per kind,
so it imports no later room and an event that concerns no clock costs one dictionary look-up.
The outcome of a clock depends on the *true* times (``happened_at``) of the events of its subject,
not on the order they were entered in (``late.py``). docs/explanation/clocks.md has the definitions.
"""

from __future__ import annotations

from answerable.kernel.event import Event, Row
from answerable.standards import past
from answerable.standards.late import correct, fell_away, revive, settle_all, settle_open
from answerable.standards.past import Case, Known, Run
from answerable.standards.plans import UNLINKS, AnyEvent, End, Promise, Start, Work
from answerable.standards.state import Adopted, State, finish, owner_of
from answerable.standards.words import StandardAdopted

_pack_seen = past.SEEN.pack
_pack_run = past.RUN.pack


def every(state: State, event: Event, row: Row) -> None:
    """Take one event of any room into account."""
    try:
        plan = state._plans[row.kind]
    except KeyError:
        plan = state.plan(type(event))
    if plan is None:
        return
    learns, typed, links, corrects, starts, ends = plan
    if learns:
        _learn(state, learns, event)
    if typed:
        state.types[event.unit] = event.unit_type  # type: ignore[attr-defined]
    if links:
        (_part if row.kind == UNLINKS else _link)(state, event)
    if corrects:
        correct(state, corrects, event, row)
    if starts or ends:
        _keep_time(state, starts, ends, event, row)


def _learn(state: State, names: tuple[str, ...], event: AnyEvent) -> None:
    """Remember of an incident what this event says about it."""
    known = state.known.get(event.incident)
    if known is None:
        known = state.known[event.incident] = Known()
    for name in names:
        setattr(known, name, getattr(event, name))


def _keep_time(
    state: State, starts: tuple[Start, ...], ends: tuple[End, ...], event: AnyEvent, row: Row
) -> None:
    """Start what this event starts, then end what it ends."""
    us, position = row.happened_at, row.position
    late = us < state.latest_us
    if not late:
        state.latest_us = us
    for work, conditions in starts:
        if not conditions or meant(state, conditions, event):
            _start(state, work, event, us, position, late)
    for field, seen, roles, revives in ends:
        owner = getattr(event, field, "") or owner_of(state, field, event)
        case = state.cases[field].get(owner)
        if case is not None:
            for number, name in seen:
                rest = case.rest(getattr(event, name)) if name else 0
                case.seen += _pack_seen(number, rest, us, position)
            if roles and case.open:
                _end(state, case, roles, event, row)
            if revives:
                revive(state, case, owner, revives)
            if late or case.odd:
                settle_all(state, case, roles, row)


def meant(
    state: State, conditions: tuple[tuple[str, str, frozenset[str]], ...], event: AnyEvent
) -> bool:
    """Say whether every ``where`` is met: by the event, else by its incident or its unit."""
    for name, source, values in conditions:
        if source == "unit":
            value = state.types.get(event.unit, "")
        else:
            value = getattr(event, name) if source != "incident" else ""
            if not value and source != "event":
                known = state.known.get(event.incident)
                value = getattr(known, name) if known is not None else ""
        if value not in values:
            return False
    return True


def _start(state: State, work: Work, event: AnyEvent, us: int, position: int, late: bool) -> None:
    """Start a clock, unless its subject has it already."""
    number, by0, by1, due, limit_us = work.number, work.by0, work.by1, work.due, work.limit_us
    owner: str = getattr(event, by0)
    rest: str = getattr(event, by1) if by1 else ""
    by_us = getattr(event, due) if due else 0
    if not owner or (by1 and not rest) or (due and not by_us):
        return
    cases = state.cases[by0]
    case = cases.get(owner)
    if case is None:
        case = cases[owner] = Case()
    elif has_it(state, case, work, rest):
        return
    known = state.known.get(getattr(event, "incident", ""))
    cell = state.cell_number(number, known)
    slot = state.cells[cell].add(us, position)
    if by_us:
        state.cells[cell].due_us[str(slot)] = by_us
        limit_us = max(0, by_us - us)
    name, due_us = f"{number}:{position}", us + limit_us
    run = Run(name, number, owner, rest, cell, slot, us, due_us, limit_us)
    case.open.append(run)
    case.runs += _pack_run(cell, slot, case.rest(rest) if rest else 0)
    state._runs[name] = run
    state.alarms.set(name, due_us)
    if late:
        settle_open(state, case, run)


def has_it(state: State, case: Case, work: Work, rest: str) -> bool:
    """Say whether a subject has this clock open, or had it and does not get it again."""
    number = work.number
    for run in case.open:
        if run.clock == number and run.rest == rest:
            return True
    if work.again or not case.runs:
        return False
    return any(state.cells[c].clock == number and case.rests[r] == rest
               for c, _, r in case.each_run())  # fmt: skip


def _end(
    state: State, case: Case, roles: dict[int, tuple[int, str]], event: AnyEvent, row: Row
) -> None:
    """End the open clocks of a case that this event ends."""
    ended, us = False, row.happened_at
    for run in case.open:
        role = roles.get(run.clock)
        if role is not None and (not role[1] or getattr(event, role[1]) == run.rest):
            if us < run.start_us:
                if _belongs_before(state, case, run, us):
                    continue
                case.odd = True
            finish(state, run, role[0], us, row.position)
            ended = True
    if ended:
        case.open = [run for run in case.open if run.number in state._runs]


def _belongs_before(state: State, case: Case, run: Run, us: int) -> bool:
    """Say whether a stop at that time is of an earlier clock of the same promise and subject.

    Of one for which nothing was left to be done by then, it is not.
    """
    work = state.work(run.clock)
    return any(
        state.cells[c].clock == run.clock
        and case.rests[rest] == run.rest
        and (start_us := state.cells[c].start(slot)[0]) <= us
        and not fell_away(case, work, rest, start_us, us)
        for c, slot, rest in case.each_run()
    )


def _link(state: State, event: AnyEvent) -> None:
    """Note which incident a call led to, and count the call's clocks under its area and kind."""
    if not (event.call and event.incident):
        return
    known = state.known.get(event.incident)
    if known is None:
        known = state.known[event.incident] = Known()
    known.call = known.call or event.call
    case = state.cases.get("call", {}).get(event.call)
    if case is None or case.incident:
        return
    case.incident = event.incident
    for index, (c, slot, rest) in enumerate(case.each_run()):
        cell = state.cells[c]
        there = state.cell_number(cell.clock, known)
        if there != c:
            free = cell.move(slot, state.cells[there])
            past.RUN.pack_into(case.runs, index * past.RUN.size, there, free, rest)
            for run in case.open:
                if (run.cell, run.slot) == (c, slot):
                    run.cell, run.slot = there, free


def _part(state: State, event: AnyEvent) -> None:
    """Forget which incident a call led to; its clocks count under the next one it leads to."""
    known = state.known.get(event.incident)
    if known is not None and known.call == event.call:
        known.call = ""
    case = state.cases.get("call", {}).get(event.call)
    if case is not None:
        case.incident = ""


def adopt(state: State, event: StandardAdopted) -> None:
    """Put a standard in force; a promise that did not change keeps its number and its past."""
    definition = event.definition
    numbers: list[int] = []
    for clock in definition.clocks:
        same = [
            number
            for number, promise in enumerate(state.clocks)
            if promise.standard == event.standard and promise.clock == clock
        ]
        if not same:
            state.clocks.append(Promise(event.standard, event.edition, clock))
        numbers.append(same[0] if same else len(state.clocks) - 1)
    state.standards[event.standard] = Adopted(
        event.standard, definition.zh, event.source, definition.note, event.digest,
        event.edition, event.from_us, tuple(numbers),
    )  # fmt: skip
    state.compile()
