"""STEPS: the life of a thing as a table of (state, event) -> next state.

From one table come the permission, the refusal, the diagram in the docs, the Hypothesis machine
and the buttons on the page. A state that cannot be reached or left is an error at import.
"""

from __future__ import annotations

from collections.abc import Mapping

from answerable.kernel.event import Event
from answerable.kernel.refusals import WrongStep


class BrokenSteps(TypeError):
    """A STEPS table has a state that cannot be reached or left."""


class Steps:
    """One life: its first state, its last states, and every step there is."""

    def __init__(
        self,
        thing: str,
        *,
        first: str,
        last: frozenset[str],
        table: Mapping[tuple[str, type[Event]], str],
    ) -> None:
        """Check the table and keep it. ``last`` states may be left too, but need not be."""
        self.thing = thing
        self.first = first
        self.last = last
        self.table = dict(table)
        self.states = (first, *dict.fromkeys(s for s in self.table.values() if s != first))
        self._next = {(state, event.__name__): to for (state, event), to in self.table.items()}
        self._check()

    def _check(self) -> None:
        reached, edge = {self.first}, [self.first]
        while edge:
            here = edge.pop()
            for (state, _), to in self.table.items():
                if state == here and to not in reached:
                    reached.add(to)
                    edge.append(to)
        known = {self.first, *self.table.values(), *(state for state, _ in self.table), *self.last}
        if lost := known - reached:
            raise BrokenSteps(f"{self.thing}: no way leads to {', '.join(sorted(lost))}")
        left = {state for (state, _), to in self.table.items() if to != state}
        if stuck := known - left - self.last:
            raise BrokenSteps(f"{self.thing}: no way leads out of {', '.join(sorted(stuck))}")

    def allows(self, state: str, event: type[Event]) -> bool:
        """Say whether ``event`` may happen in ``state``."""
        return (state, event.__name__) in self._next

    def after(self, state: str, event: Event) -> str:
        """Return the state after ``event``; a recorded event always has one."""
        return self._next[(state, type(event).__name__)]

    def led(self, state: str, event: Event) -> str:
        """Return the state after ``event``; the same where the table has no such step."""
        return self._next.get((state, type(event).__name__), state)

    def possible(self, state: str) -> tuple[type[Event], ...]:
        """Return the events that may happen in ``state``, in the table's order."""
        return tuple(event for (here, event) in self.table if here == state)

    def refuse(self, state: str, event: type[Event], what: str) -> WrongStep | None:
        """Return the refusal of ``event`` for ``what`` in ``state``, or None if it may happen."""
        if self.allows(state, event):
            return None
        names = ", ".join(e.__name__ for e in self.possible(state)) or "nothing"
        return WrongStep(step=event.__name__, what=what, state=state, possible=names)

    def diagram(self) -> str:
        """Return the table as a Mermaid state diagram, for the generated reference pages."""
        names = {state: state.replace(" ", "_") for state in self.states}
        lines = ["stateDiagram-v2"]
        lines += [f'    state "{s}" as {name}' for s, name in names.items() if s != name]
        lines += [f"    [*] --> {names[self.first]}"]
        lines += [
            f"    {names[s]} --> {names[to]}: {event.__name__}"
            for (s, event), to in self.table.items()
        ]
        lines += [f"    {names[state]} --> [*]" for state in sorted(self.last)]
        return "\n".join(lines)
