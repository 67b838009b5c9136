"""What a state is called in a refusal, where one word of the rules means several things.

``waiting`` is a desk with a hand-over for the next, and an account without a password; ``free`` a
unit, and words that nobody holds. A language needs to know which; a reader too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from answerable.console.language import _
from answerable.kernel.room import Room

SAID: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("vault", "hold"): {"free": _("under no hold"), "held": _("under a hold")},
    ("vault", "erasure"): {"asked": _("asked for already")},
    ("handover", "desk"): {
        "offered": _("offered to the next"),
        "waiting": _("empty, with a hand-over waiting for the next"),
    },
    ("matters", "support"): {"asked": _("asked for already"), "declined": _("not approved")},
    ("matters", "referral"): {"declined": _("turned down by the agency")},
    ("followup", "call-back"): {
        "answered": _("answered by the caller"), "declined": _("not wanted by the caller"),
    },
}  # fmt: skip
"""By room and life: what a state of it is called there."""
LACKS = (
    _("booking"), _("count"), _("counted line"), _("day to compare"), _("escalation"),
    _("open clock"), _("open matter"), _("put right"), _("referral"), _("step"),
    _("reminder due of matter"), _("return to wait for, of unit"),
)  # fmt: skip
"""What may be missing from the record, as the rules name it (``kernel.Unknown``)."""


def words(rooms: Iterable[Room[Any]]) -> dict[str, str]:
    """Return what the states are called, by the name of the step that was refused and the state."""
    return {
        f"{event.__name__} {state}": said
        for room in rooms
        for name, life in room.steps.items()
        for state, said in SAID.get((room.name, name), {}).items()
        for _from, event in life.table
    }
