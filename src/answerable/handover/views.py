"""What the hand-over page reads of desks: no decisions, no fold of its own.

The state of the room is small and is read as it is: a second fold of the same events could come to
disagree with the first (B3).
"""

from __future__ import annotations

from answerable.handover.state import OFFERED, WAITING, Seat, State


def seat_of(state: State, desk: str, by: str) -> Seat | None:
    """Return a desk where ``by`` sits there, None where nobody or somebody else does."""
    seat = state.desks.get(desk)
    return seat if seat and seat.by == by else None


def offered(state: State) -> dict[str, Seat]:
    """Return the desks that wait to be taken over, the longest wait first."""
    found = [(d, seat) for d, seat in state.desks.items() if seat.state in (OFFERED, WAITING)]
    return dict(sorted(found, key=lambda one: one[1].offered_at))


def words_at(seat: Seat, by: str) -> int:
    """Return where the words stand that somebody may read at a desk, 0 for none.

    Whoever offered it reads what they wrote, whoever had their reading recorded what is offered,
    and whoever took the desk over what was left for them, while they sit there.
    """
    if seat.offered_at and by and (by == seat.offered_by or by in seat.readers):
        return seat.offered_at
    return seat.told_at if seat.by == by else 0


def desk_of(state: State, by: str, session: str) -> str:
    """Return the desk at which somebody sits in a session, "" where they sit nowhere."""
    mine = (d for d, seat in state.desks.items() if seat.by == by and seat.session == session)
    return next(mine, "")
