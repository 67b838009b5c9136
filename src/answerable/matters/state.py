"""What matters decides on: problems, tracked matters, referrals, specialist support."""

from __future__ import annotations

from collections.abc import ItemsView

import msgspec

from answerable.kernel.alarms import Alarms
from answerable.kernel.room import Arms, Context, Deciders, Rings
from answerable.matters.matter_state import Matters
from answerable.matters.problem_state import Problem
from answerable.matters.support_state import Support
from answerable.towns.model import Town


class Referral(msgspec.Struct):
    """A referral that is open: where it stands, with whom, about what, and until when (UTC us).

    ``digest`` is that of the link by which its agency sees it, "" for none.
    """

    state: str
    agency: str
    way: str = ""
    incident: str = ""
    matter: str = ""
    problem: str = ""
    answer_due_us: int = 0
    due_us: int = 0
    answer_late: bool = False
    result_late: bool = False
    digest: str = ""

    def about(self) -> ItemsView[str, str]:
        """Return what it is about, by the field that names it."""
        named = {"incident": self.incident, "matter": self.matter, "problem": self.problem}
        return {field: name for field, name in named.items() if name}.items()


class State(msgspec.Struct):
    """Everything this room decides on. An alarm's name is a sort, a colon, and what it is about."""

    alarms: Alarms = msgspec.field(default_factory=Alarms)
    problems: dict[str, Problem] = {}
    problem_at: dict[str, str] = {}
    """The problem that goes on, or is watched, at each place."""
    problem_calls: dict[str, str] = {}
    """The problem that an incident counts for."""
    tracked: Matters = msgspec.field(default_factory=Matters)
    referrals: dict[str, Referral] = {}
    links: dict[str, str] = {}
    """The referral that each link opens, by the digest of its token."""
    referred: int = 0
    """How many referrals were ever made, for their names."""
    support: Support = msgspec.field(default_factory=Support)


decide: Deciders[State, Town] = Deciders()
evolve: Arms[State] = Arms()
Ctx = Context[Town]
rings: Rings[State] = Rings()
