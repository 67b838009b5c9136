"""What followup decides on: call-backs that wait, and what is being put right."""

from __future__ import annotations

import msgspec

from answerable.kernel.alarms import Alarms
from answerable.kernel.room import Arms, Context, Deciders, Rings
from answerable.towns.model import Town


class About(msgspec.Struct):
    """What calls were about: an incident, as far as calling back has to know it.

    ``asked``: somebody asks that it be opened again. ``into`` is the incident it was merged into,
    ``also`` those that were merged into it; ``units`` were sent, and none of them ends what
    somebody says about it; ``onward`` were sent to what it was merged into, and ``turned`` are the
    kinds of that, which may be laid aside by then.
    """

    kind: str
    calls: list[str] = []
    closed: bool = False
    asked: bool = False
    into: str = ""
    also: list[str] = []
    units: list[str] = []
    onward: list[str] = []
    turned: list[str] = []


class Back(msgspec.Struct):
    """The call-back of one call, from the ring of its line on. Times are UTC microseconds.

    ``by`` rings the caller since ``since_us``, until ``until_us``. ``last`` is the event that could
    be taken back; ``sent_us`` is when the questions were sent. It is laid aside with its call.
    """

    state: str = "new"
    incident: str = ""
    line: str = ""
    reachable: bool = False
    language: str = ""
    tries: int = 0
    by: str = ""
    since_us: int = 0
    until_us: int = 0
    reason: str = ""
    last: str = ""
    unhappy: bool = False
    sent_us: int = 0


class Right(msgspec.Struct):
    """Something that is being put right. Times are UTC microseconds.

    ``units`` were sent to it; ``asked`` owe an account, each by when, and ``given`` gave theirs.
    ``gave`` are who signed an account for their own unit, ``did`` who recorded what was done:
    neither judges it. ``tries`` counts the rings back again; the last that did not reach the caller
    was at ``missed_us``, and another counts from ``again_us`` on.
    """

    incident: str
    call: str
    reason: str
    opened_us: int
    due_us: int
    human_due_us: int
    state: str = "new"
    owner: str = ""
    units: list[str] = []
    asked: dict[str, int] = {}
    given: list[str] = []
    gave: list[str] = []
    did: list[str] = []
    tries: int = 0
    missed_us: int = 0
    again_us: int = 0


class State(msgspec.Struct, dict=True):
    """Everything this room decides on. An alarm's name is a sort, a colon, and what it is about."""

    incidents: dict[str, About] = {}
    backs: dict[str, Back] = {}
    over: list[str] = []
    """What ended or was merged last, and which others it went on for: for what follows at once,
    because it may be laid aside before that."""
    rights: dict[str, Right] = {}
    rights_made: int = 0
    alarms: Alarms = msgspec.field(default_factory=Alarms)

    def __post_init__(self) -> None:
        """Build what is derived: which right is open about a call, or about an incident alone."""
        self._open = {(one.incident, one.call): name for name, one in self.rights.items()}

    def right_about(self, incident: str, call: str) -> str:
        """Return the right open about a call of an incident ("": about all of it); "" for none."""
        return self._open.get((incident, call), "")

    def put_right(self, name: str, right: Right) -> None:
        """Note that a right is open."""
        self.rights[name] = right
        self._open[right.incident, right.call] = name

    def right_over(self, name: str) -> None:
        """Forget a right that has ended."""
        right = self.rights.pop(name)
        if self._open.get((right.incident, right.call)) == name:
            del self._open[right.incident, right.call]


decide: Deciders[State, Town] = Deciders()
evolve: Arms[State] = Arms()
Ctx = Context[Town]
rings: Rings[State] = Rings()
