"""Given what happened to call-backs, then the queue shows each caller of a day exactly once."""

from __future__ import annotations

import random

from answerable.dispatch import words as dispatch
from answerable.followup import back_words as w
from answerable.followup.back_arms import BARRED, HELD
from answerable.followup.views import DAYS_KEPT, Entries
from answerable.intake import words as intake
from answerable.kernel.event import Event, Mark, marks_of
from answerable.kernel.hub import Accepted
from tests.followup.test_back_rules import ask, call, centre, closed, incident, ready
from tests.story import Centre, Story


def view(told: Centre | Story) -> Entries:
    found: Entries = (
        told.state("call-backs") if isinstance(told, Centre) else told.states["call-backs"]
    )
    return found


def totals(shown: Entries) -> dict[str, int]:
    """Count everybody in the view by hand, whatever its own counts say."""
    found: dict[str, int] = {}
    for one in shown.waiting.values():
        found[one.state] = found.get(one.state, 0) + 1
    for day in shown.days.values():
        for one in day.settled.values():
            found[one.state] = found.get(one.state, 0) + 1
    return found


def due(name: str, day: str = "2020-04-02", **more) -> w.CallBackDue:
    return w.CallBackDue(
        incident=f"I{name}", call=name, day=day, from_us=0, kind="Medical", language="en", **more
    )


def answered(name: str) -> w.CallBackAnswered:
    return w.CallBackAnswered(incident=f"I{name}", call=name, overall=4)


def test_who_is_due_waits_and_who_answered_is_settled():
    told = ready()
    assert list(view(told).waiting) == ["C1"]
    ask(told, w.AnswerCallBack, manner=5, overall=4, wants=True)
    shown = view(told)
    assert shown.waiting == {}
    entry = shown.days["2020-04-02"].settled["C1"]
    assert (entry.state, entry.marks, entry.wants) == ("answered", (5, 0, 0, 4), True)


def test_who_is_not_rung_stands_with_the_reason_and_is_counted():
    told = centre()
    for n, (number, kind) in enumerate([("", "Medical"), ("", "Medical"), ("+1", "Other")]):
        incident(told, f"I{n}", call(told, f"C{n}", number), kind=kind)
        closed(told, f"I{n}")
    day = view(told).days["2020-04-02"]
    assert day.reasons == {"no number": 2, "sensitive kind": 1}
    assert day.counts == {BARRED: 3}


def test_who_is_held_stays_in_the_queue_and_is_told_apart():
    told = ready()
    told.done(dispatch.ReopenIncident, incident="I1", reason="again")
    assert view(told).waiting["C1"].state == HELD


def test_a_claim_is_shown_and_ends_with_what_came_of_it():
    told = ready()
    ask(told, w.TakeCallBack, name="one")
    assert view(told).waiting["C1"].by == "one"
    ask(told, w.TriedCallBack, outcome="busy", name="one")
    entry = view(told).waiting["C1"]
    assert (entry.by, entry.tries, entry.outcome) == ("", 1, "busy")


def test_what_was_put_back_waits_again_and_is_counted_once():
    told = ready()
    ask(told, w.TriedCallBack, outcome="not in service")
    assert view(told).days["2020-04-02"].counts == {"unreachable": 1}
    ask(told, w.TakeBackCallBack, reason="a slip")
    shown = view(told)
    assert shown.days["2020-04-02"].counts == {}
    assert (shown.waiting["C1"].tries, shown.days["2020-04-02"].open) == (0, 1)


def test_what_is_allowed_again_is_in_no_sort_until_it_is_due():
    told = centre()
    incident(told, "I1", call(told, "C1"))
    ask(told, w.BarCallBack, reason="other")
    ask(told, w.AllowCallBack, reason="a slip")
    assert totals(view(told)) == {}
    closed(told, "I1")
    assert totals(view(told)) == {"due": 1}


def test_who_could_not_be_reached_and_answers_what_was_sent_has_answered():
    told = ready()
    ask(told, w.TriedCallBack, outcome="not in service")
    ask(told, w.SendLink, way="link")
    ask(told, w.AnswerCallBack, overall=3, way="link")
    assert totals(view(told)) == {"answered": 1}


def test_the_settled_ones_are_kept_for_a_fortnight_and_the_waiting_ones_for_good():
    told = Story()
    told.given(intake.CallAnswered(call="old", number="+1"))
    told.given(due("old", "2020-04-01"))
    for n in range(1, DAYS_KEPT + 4):
        name = f"c{n}"
        told.given(intake.CallAnswered(call=name, number="+1"))
        told.given(due(name, f"2020-04-{n:02d}"), answered(name))
    shown = view(told)
    assert len(shown.days) == DAYS_KEPT
    assert min(shown.days) == "2020-04-04"
    assert "old" in shown.waiting
    told.given(answered("old"))
    assert totals(shown) == {"answered": DAYS_KEPT}
    assert shown.entry("old") is None


def test_the_counts_of_a_day_are_those_of_its_callers_whatever_happens():
    """Two thousand commands at random, refused or not; every caller stands in exactly one place."""
    told, chance = centre(), random.Random(7)
    for n in range(12):
        incident(told, f"I{n}", call(told, f"C{n}", "+1" if n % 4 else ""))
    asks = [
        (w.TakeCallBack, {}), (w.LeaveCallBack, {}), (w.TriedCallBack, {"outcome": "busy"}),
        (w.TriedCallBack, {"outcome": "refused to talk"}), (w.AnswerCallBack, {"overall": 4}),
        (w.BarCallBack, {"reason": "other"}), (w.AllowCallBack, {"reason": "a slip"}),
        (w.TakeBackCallBack, {"reason": "a slip"}), (w.SendLink, {"way": "link"}),
        (dispatch.CloseIncident, {"outcome": "done"}),
        (dispatch.ReopenIncident, {"reason": "again"}),
    ]  # fmt: skip
    done = 0
    for _nth in range(2_000):
        command, fields = chance.choice(asks)
        name = chance.randrange(12)
        about = {"incident": f"I{name}"}
        if command.tag.startswith("followup"):
            about |= {"call": f"C{name}", "name": chance.choice("ab"), "role": "call_back"}
        done += isinstance(told.do(command, **about, **fields), Accepted)
        told.tick(chance.choice((1, 1_000)))
        shown = view(told)
        for day in shown.days.values():
            counted: dict[str, int] = {}
            for one in day.settled.values():
                counted[one.state] = counted.get(one.state, 0) + 1
            assert day.counts == counted
            assert sum(day.reasons.values()) == counted.get(BARRED, 0)
        backs = told.state("followup").backs
        stands = {name: back.state for name, back in backs.items() if back.state != "new"}
        seen = {one.call: one.state for one in shown.waiting.values()}
        seen |= {c: e.state for day in shown.days.values() for c, e in day.settled.items()}
        assert seen == stands
        assert sum(day.open for day in shown.days.values()) == len(shown.waiting)
    assert done > 300, "a test in which nothing happens holds nothing"


def test_every_caller_is_called_back_or_there_is_a_reason():
    """I4: of a day's calls about closed incidents, each is asked, settled, or barred with why."""
    told, chance = centre(), random.Random(4)
    about: dict[str, str] = {}
    for n in range(120):
        callers = [call(told, f"C{n}-{k}", chance.choice(("", "+1"))) for k in
                   range(chance.choice((0, 1, 1, 1, 2, 5)))]  # fmt: skip
        incident(told, f"I{n}", *callers, kind=chance.choice(("Medical", "Fire", "Other")))
        if chance.random() < 0.9:
            closed(told, f"I{n}")
            about |= dict.fromkeys(callers, f"I{n}")
            if chance.random() < 0.2:
                told.done(dispatch.ReopenIncident, incident=f"I{n}", reason="again")
                closed(told, f"I{n}")
    shown = view(told)
    for name, where in about.items():
        entry = shown.entry(name)
        assert entry is not None, f"nobody asks the caller of {name}"
        assert entry.incident == where
        assert entry.state != BARRED or entry.outcome in list(w.Bar)
    assert sum(totals(shown).values()) == len(about)


def test_no_view_and_no_state_holds_what_is_sealed():
    told = ready()
    ask(told, w.AnswerCallBack, overall=1, words="the dog bit me")
    for name in ("followup", "call-backs"):
        kept = str(told.state(name))
        assert "555" not in kept
        assert "dog" not in kept
    assert marks_of(w.CallBackAnswered)["words"] is Mark.SEALED


def test_an_event_of_calling_back_lies_in_the_stream_of_its_incident():
    told = ready()
    ask(told, w.TakeCallBack)
    ask(told, w.TriedCallBack, outcome="busy")
    rows = [row for row in told.store.rows(0) if row.kind.startswith("followup.CallBack")]
    assert rows
    assert {row.stream for row in rows} == {"incident:I1"}
    assert issubclass(w.BackEvent, Event)
