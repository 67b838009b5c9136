"""The toy town with three kinds of support, for tests."""

from __future__ import annotations

from typing import Any

import msgspec

from answerable.dispatch import words as dispatch
from answerable.matters import support_words as w
from answerable.towns.model import Town
from answerable.towns.supporting import Helper, SupportFile, SupportKind
from tests.story import Centre, ToyPlaces, toy_town

FILE = SupportFile(
    agencies=(Helper(code="LINE", titles={"en": "Language line", "zh-CN": "语言热线"}),),
    kinds=(
        SupportKind(
            code="dog", titles={"en": "Dog", "zh-CN": "警犬"}, by=("TRUCK", "MEDIC", "E1"), grade=2,
            approve_minutes=10, assign_minutes=20, accept_minutes=30, begin_minutes=40,
            result_minutes=50,
        ),
        SupportKind(code="interpreter", titles={"en": "Interpreter"}, by=("LINE",)),
        SupportKind(code="drone", titles={"en": "Drone"}, by=("2",), grade=1),
    ),
    complaint_kind="Fire",
)  # fmt: skip
GRADES = {"crew": 0, "dispatcher": 1, "supervisor": 2}
STATES = ("asked", "approved", "assigned", "accepted", "begun", "reported")


class _Placed(ToyPlaces):
    station_ids = ("1", "2", "3")


def supporting_town() -> Town:
    """Return the toy town, its units able to ask for a dog, an interpreter and a drone."""
    town = toy_town()
    town.places, town.supporting = _Placed(), FILE
    town.matters = msgspec.structs.replace(town.matters, grades=GRADES)
    return town


def at_work(**options: Any) -> Centre:
    """Return a centre in which E1 is on incident 200930001."""
    made = Centre(town=supporting_town(), **options).duty()
    incident = made.incident()
    assert incident == "200930001"
    made.done(dispatch.SendUnit, incident=incident, unit="E1")
    return made


def asked(centre: Centre, kind: str = "dog", **fields: Any) -> str:
    """Have E1's crew ask for support; return the number."""
    given = {"incident": "200930001", "unit": "E1", "kind": kind, "words": "in the cellar"}
    done = centre.done(w.AskSupport, role="crew", own="E1", **(given | fields))
    return done[0].support


def on_to(centre: Centre, state: str, kind: str = "dog", to: str = "T1") -> str:
    """Ask for support and carry it as far as a state; return the number."""
    number = asked(centre, kind)
    steps: tuple[tuple[type[w._OnSupport], dict[str, Any]], ...] = (
        (w.ApproveSupport, {}), (w.AssignSupport, {"to": to}), (w.AcceptSupport, {}),
        (w.BeginSupport, {}), (w.ReportSupport, {"result": "done", "words": "a scent"}),
    )  # fmt: skip
    for command, fields in steps[: STATES.index(state)]:
        if kind != "interpreter" or command is not w.ApproveSupport:
            centre.done(command, role="supervisor", support=number, **fields)
    return number
