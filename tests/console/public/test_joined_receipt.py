"""What a caller sees whose incident was merged, or whose call was moved."""

from __future__ import annotations

from answerable.console.language import language
from answerable.console.public import receipt
from answerable.disclosure.receipts import may_open
from answerable.dispatch import merge_words as m
from answerable.dispatch import words as d
from answerable.intake import join_words as j
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.vault import words as v

BOTH = {"reason": "same fire"}


def told(world, call: str) -> tuple[str, list[str]]:
    found = receipt.of(world.app.front, "call", call)
    assert found is not None
    return found.told.state, [step.name for step in found.told.steps]


def called(world, **fields) -> tuple[str, str]:
    """Return an incident and the call that opened it."""
    incident = world.incident(**fields)
    return incident, world.centre.board.line(incident).calls[0]


def test_a_caller_of_a_merged_incident_sees_how_the_one_that_goes_on_stands(world):
    first, first_call = called(world)
    second, second_call = called(world)
    world.do(m.MergeIncident, incident=first, into=second, **BOTH)
    assert told(world, first_call) == ("waiting", ["answered", "opened", "joined"])
    world.do(d.SendUnit, incident=second, unit="E03")
    world.do(d.Arrive, incident=second, unit="E03")
    state, steps = told(world, first_call)
    assert (state, steps) == ("arrived", ["answered", "opened", "joined", "sent", "arrived"])
    assert "joined" not in told(world, second_call)[1]
    world.do(d.ClearUnit, incident=second, unit="E03")
    world.do(d.ReportBack, incident=second, unit="E03", code="no-merit")
    world.do(d.CloseIncident, incident=second, outcome="put out")
    assert told(world, first_call)[0] == "closed"


def test_it_follows_a_chain_of_merges_and_what_was_laid_aside(world):
    first, call = called(world)
    second, _ = called(world)
    third, _ = called(world)
    world.centre.hub.rooms.aside.kept = 0
    world.do(m.MergeIncident, incident=first, into=second, **BOTH)
    world.do(m.MergeIncident, incident=second, into=third, **BOTH)
    assert world.centre.board.line(second) is None, "it was to be laid aside"
    world.do(d.SendUnit, incident=third, unit="E03")
    assert told(world, call) == ("sent", ["answered", "opened", "joined", "sent"])


def test_after_an_unmerge_the_caller_sees_the_own_incident_again(world):
    first, call = called(world)
    second, _ = called(world)
    world.do(m.MergeIncident, incident=first, into=second, **BOTH)
    world.do(d.SendUnit, incident=second, unit="E03")
    world.do(m.UnmergeIncident, incident=first, reason="two fires")
    assert told(world, call) == ("waiting", ["answered", "opened", "joined", "parted"])


def test_nothing_of_the_other_callers_place_or_numbers_is_on_the_page(world):
    first, call = called(world)
    second, other = called(world, address="ELLIS ST/HYDE ST")
    world.do(m.MergeIncident, incident=first, into=second, **BOTH)
    front = world.app.front
    found = receipt.of(front, "call", call)
    page = repr(receipt.page(found, front, language("en")))
    for secret in ("Ellis", "ELLIS", second, other, "same fire"):
        assert secret not in page
    rows = [row for row in front.hub.store.rows() if row.kind == "dispatch.IncidentMerged"]
    assert all(may_open(row) for row in rows)
    assert b"same fire" not in rows[0].body[: rows[0].cut]


def test_what_was_destroyed_of_the_one_that_goes_on_is_shown_no_more(world):
    first, call = called(world)
    second, _ = called(world)
    world.do(m.MergeIncident, incident=first, into=second, **BOTH)
    world.do(d.SendUnit, incident=second, unit="E03")
    world.do(d.CancelUnit, incident=second, unit="E03", reason="false alarm")
    world.do(d.CloseIncident, incident=second, outcome="false alarm")
    boss, other = (Actor(name=name, role="supervisor") for name in ("one", "two"))
    world.do(v.AskErasure, boss, incident=second, act=v.Grave.DESTROY, reason="by order")
    world.do(v.ApproveErasure, other, incident=second)
    found = receipt.of(world.app.front, "call", call)
    assert (found.fate, found.told.steps) == ("destroyed", ())


def test_a_call_that_was_moved_shows_the_incident_it_is_about_now(world):
    first, _ = called(world)
    call = world.do(i.AnswerCall).call
    world.do(i.AttachCall, call=call, incident=first)
    world.do(d.SendUnit, incident=first, unit="E03")
    assert told(world, call)[0] == "sent"
    world.do(j.DetachCall, call=call, reason="another house")
    assert told(world, call) == ("answered", ["answered"])
    second, _ = called(world)
    world.do(i.AttachCall, call=call, incident=second)
    assert told(world, call) == ("waiting", ["answered", "joined"])
