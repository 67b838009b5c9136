"""Carrying out what was ordered: the keys are destroyed, then that is recorded.

An order is an event; whoever was answered that it is recorded may rely on it, because whatever a
crash leaves undone is done at the next start, from the state. Doing it twice changes nothing.
"""

from __future__ import annotations

from answerable.kernel.authority import SYSTEM
from answerable.kernel.hub import Accepted, Hub
from answerable.vault.state import SWEEP, State
from answerable.vault.words import ConfirmErasures, SweepDue


def waiting(hub: Hub) -> int:
    """Return how many recorded erasures wait for their keys to be destroyed."""
    state: State = hub.state["vault"]
    return len(state.ordered)


def carry_out(hub: Hub) -> int:
    """Destroy the keys of every erasure that is recorded; returns how many erasures that were.

    Nothing may wait for a commit. Raises CannotRecord (try again later) or CommitFailed (stop).
    """
    assert not hub.waiting, "an order that is not recorded is none"
    state: State = hub.state["vault"]
    ordered = {position: tuple(streams) for position, streams in state.ordered.items()}
    if not ordered:
        return 0
    hub.store.destroy_keys(ordered)
    hub.forget({stream for streams in ordered.values() for stream in streams})
    through = max(ordered)
    confirmed = hub.do(ConfirmErasures(key=f"erased:{through}", through=through), SYSTEM)
    assert isinstance(confirmed, Accepted), confirmed
    hub.commit()
    return len(ordered)


def begin_sweeping(hub: Hub) -> None:
    """Have the town's table of retention gone through, where that never began.

    From then on an alarm of the room does it every night.
    """
    state: State = hub.state["vault"]
    if SWEEP not in state.sweeps.due:
        hub.do(SweepDue(key="retention:first"), SYSTEM)
        hub.commit()
