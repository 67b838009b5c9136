"""Late entries and corrections: the outcome of a clock depends on true times only.

Whatever is entered late, or corrected, leads to the state that entering it in time would have led
to, except that a ring which has happened stays in the record.
"""

from __future__ import annotations

from answerable.kernel.event import Row
from answerable.standards import past
from answerable.standards.past import Case, Run
from answerable.standards.plans import REVIVE, STOP, WITHDRAW, AnyEvent, Work, ends_of
from answerable.standards.state import State, finish, judge, owner_of


def settle(
    state: State, case: Case, work: Work, rest: int, start_us: int
) -> tuple[int, int, int] | None:
    """Return (role, when, position) of the true end of a clock: its first stop, or void.

    Events from the next start of the same subject on belong to the next clock. Of two at the same
    instant the one recorded first counts. A void that was taken back after it was recorded is none.
    """
    number = work.number
    later = [
        begun
        for cell, slot, other in case.each_run()
        if other == rest and state.cells[cell].clock == number
        and (begun := state.cells[cell].start(slot)[0]) > start_us
    ]  # fmt: skip
    bound = min(later, default=None)
    back = _taken_back(case, work, rest) if work.takes_back else {}
    found = [
        (us, position, work.ends[kind][0])
        for kind, other, us, position in case.each_seen()
        if kind in work.ends and us >= start_us and (bound is None or us < bound)
        and (other == rest or not work.ends[kind][1])
        and work.ends[kind][0] != REVIVE and position >= back.get(kind, 0)
    ]  # fmt: skip
    if not found:
        return None
    us, position, role = min(found)
    return role, us, position


def fell_away(case: Case, work: Work, rest: int, from_us: int, until_us: int) -> bool:
    """Say whether a void that stands lies between two times: from the first, before the second."""
    back = _taken_back(case, work, rest) if work.takes_back else {}
    return any(
        kind in work.ends and work.ends[kind][0] == WITHDRAW and from_us <= us < until_us
        and (other == rest or not work.ends[kind][1]) and position >= back.get(kind, 0)
        for kind, other, us, position in case.each_seen()
    )  # fmt: skip


def _taken_back(case: Case, work: Work, rest: int) -> dict[int, int]:
    """Return, by the number of a void, the position up to which such voids were taken back."""
    back: dict[int, int] = {}
    for kind, other, _us, position in case.each_seen():
        if kind in work.takes_back and (other == rest or not work.ends[kind][1]):
            void = work.takes_back[kind]
            back[void] = max(back.get(void, 0), position)
    return back


def revive(state: State, case: Case, owner: str, revives: dict[int, int]) -> None:
    """Let the clocks run on that had fallen away by what is now taken back (``revives``)."""
    for c, slot, rest in case.each_run():
        cell = state.cells[c]
        if cell.clock not in revives or cell.code(slot) != past.VOID:
            continue
        work, end = state.work(cell.clock), cell.end(slot)
        by_void = any(
            (kind, position) == (revives[cell.clock], end[1])
            for kind, _, _, position in case.each_seen()
        )
        if not by_void or settle(state, case, work, rest, cell.start(slot)[0]) is not None:
            continue
        if (odd := _odd_end(case, work, rest, cell.start(slot))) is not None:
            cell.set_end(slot, *odd)  # it is what it was: an end before its start is no time at all
        else:
            _run_on(state, case, owner, (c, slot, rest))


def _odd_end(case: Case, work: Work, rest: int, start: tuple[int, int]) -> tuple[int, int] | None:
    """Return when and where a clock was stopped before it started, None where it was not."""
    return next(
        (
            (us, position)
            for kind, other, us, position in case.each_seen()
            if case.odd and kind in work.ends and work.ends[kind][0] == STOP
            and us < start[0] and position > start[1] and (other == rest or not work.ends[kind][1])
        ),
        None,
    )  # fmt: skip


def _run_on(state: State, case: Case, owner: str, place: tuple[int, int, int]) -> None:
    """Open an ended clock again, as it stood when it ended; what it had rung for stays rung."""
    c, slot, rest = place
    cell = state.cells[c]
    work, (start_us, position) = state.work(cell.clock), cell.start(slot)
    end_us, _ = cell.end(slot)
    limit_us = state.limit_us(cell, slot)
    due_us = start_us + limit_us + cell.stood_us(slot, start_us, end_us)
    stage = cell.rung.pop(str(slot), 0)
    run = Run(
        f"{work.number}:{position}", work.number, owner, case.rests[rest], c, slot, start_us,
        due_us, limit_us, "ringing" if stage else "running", stage,
    )  # fmt: skip
    cell.set_end(slot, 0, 0)
    cell.mark(slot, past.RINGING if stage else past.RUNNING)
    case.open.append(run)
    state._runs[run.number] = run
    if stage < len(work.stages):
        state.alarms.set(run.number, due_us + work.stages[stage].after_us)


def settle_open(state: State, case: Case, run: Run) -> None:
    """End a clock that was started late, where its end is in the record already."""
    found = settle(state, case, state.work(run.clock), case.rest(run.rest), run.start_us)
    if found is not None:
        finish(state, run, *found)
        case.open = [other for other in case.open if other is not run]


def settle_all(
    state: State, case: Case, roles: dict[int, tuple[int, str]] | None, row: Row
) -> None:
    """Work a late entry or a correction into the clocks of a case (``roles`` None: all)."""
    open_runs = {(run.cell, run.slot): run for run in case.open}
    for c, slot, rest in case.each_run():
        cell = state.cells[c]
        work = state.work(cell.clock)
        start, end = cell.start(slot), cell.end(slot)
        first = _first_start(case, work, rest, start)
        run = open_runs.get((c, slot))
        if run is not None:
            if first != start:
                _move_start(state, run, first, row.recorded_at)
        elif first != start or roles is None or cell.clock in roles:
            role = WITHDRAW if cell.code(slot) == past.VOID and end[0] >= start[0] else STOP
            found = settle(state, case, work, rest, first[0]) or (role, *end)
            cell.set_start(slot, *first)
            cell.set_end(slot, *found[1:])
            cell.mark(slot, judge(state, cell, slot, found[0]))


def _first_start(case: Case, work: Work, rest: int, start: tuple[int, int]) -> tuple[int, int]:
    """Return when a clock truly started: for one that is given once, the earliest start."""
    if work.again:
        return start
    starts = [(us, position) for kind, other, us, position in case.each_seen()
              if kind == work.starts and other == rest]  # fmt: skip
    return min(starts, default=start)


def _move_start(state: State, run: Run, start: tuple[int, int], recorded_us: int) -> None:
    """Give an open clock another start; one that rang too early runs again.

    A limit in seconds moves with the start; a date does not, unless the start lies past it.
    """
    cell = state.cells[run.cell]
    cell.set_start(run.slot, *start)
    limit_us = state.limit_us(cell, run.slot)
    run.due_us += start[0] - run.start_us + limit_us - run.limit_us
    run.start_us, run.limit_us = start[0], limit_us
    if run.state == "ringing" and run.due_us > recorded_us:
        run.state, run.stage = "running", 0
        cell.mark(run.slot, past.RUNNING)
    stages = state.work(run.clock).stages
    if run.state != "suspended" and run.stage < len(stages):
        state.alarms.set(run.number, run.due_us + stages[run.stage].after_us)


def correct(state: State, room: str, event: AnyEvent, row: Row) -> None:
    """Work in the correction of a time: ``step`` of the same room was ``was_us``, is ``now_us``."""
    kind = f"{room}.{event.step}"
    for end in ends_of(kind, state.works(), state.kinds):
        owner = owner_of(state, end.owner, event)
        case = state.cases.get(end.owner, {}).get(owner)
        if case is None:
            continue
        changed = False
        for number, name in end.seen:
            rest = getattr(event, name, "") if name else ""
            if rest in case.rests:
                place = (number, case.rests.index(rest))
                changed |= _rewrite(case, place, event.was_us, event.now_us)
                _restart(state, case, place, event, row)
        if changed:
            settle_all(state, case, None, row)


def _rewrite(case: Case, place: tuple[int, int], was_us: int, now_us: int) -> bool:
    """Replace the time of one event that mattered; says whether it was found."""
    for index, (kind, rest, us, position) in enumerate(case.each_seen()):
        if (kind, rest) == place and us == was_us:
            past.SEEN.pack_into(case.seen, index * past.SEEN.size, kind, rest, now_us, position)
            return True
    return False


def _restart(state: State, case: Case, place: tuple[int, int], event: AnyEvent, row: Row) -> None:
    """Move the start of clocks that started with the corrected event."""
    open_runs = {(run.cell, run.slot): run for run in case.open}
    for c, slot, rest in case.each_run():
        cell = state.cells[c]
        start_us, position = cell.start(slot)
        if (state.work(cell.clock).starts, rest) == place and start_us == event.was_us:
            run = open_runs.get((c, slot))
            if run is not None:
                _move_start(state, run, (event.now_us, position), row.recorded_at)
            else:
                cell.set_start(slot, event.now_us, position)
