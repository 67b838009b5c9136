"""What pages read of support: open requests, and the last thirty days' ended ones."""

from __future__ import annotations

import pytest

from answerable.matters import support_views as views
from answerable.matters import support_words as w
from answerable.matters.support_state import SUPPORT
from tests.matters.support_town import STATES, asked, at_work, on_to
from tests.story import US, Centre

S1 = "200930001S1"


def view(centre: Centre) -> views.Supports:
    found: views.Supports = centre.state("supports")
    return found


@pytest.mark.parametrize("state", STATES)
def test_a_page_reads_what_the_rules_decide_on(state):
    centre = at_work()
    on_to(centre, state)
    line, known = view(centre).open[S1], centre.state("matters").support.open[S1]
    for name in ("incident", "unit", "sort", "urgent", "grade", "state", "to", "due_us", "result"):
        assert getattr(line, name) == getattr(known, name), name
    assert line.changed_us == known.since_us
    assert list(line.times) == list(STATES[: STATES.index(state) + 1])
    assert view(centre).of("200930001") == [line]


def test_the_words_are_positions_in_the_record_and_not_in_the_view():
    centre = at_work()
    on_to(centre, "reported")
    line = view(centre).open[S1]
    kinds = {row.position: row.kind for row in centre.store.rows()}
    assert (kinds[line.asked_at], kinds[line.words_at]) == (
        w.SupportAsked.tag, w.SupportReported.tag,
    )  # fmt: skip
    assert asked(centre, words="") == "200930001S2"
    assert view(centre).open["200930001S2"].asked_at == 0


@pytest.mark.parametrize(
    ("command", "fields", "state"),
    [
        (w.ThankSupport, {}, "thanked"),
        (w.ComplainSupport, {"why": "too late", "words": "an hour"}, "complained"),
    ],
)
def test_what_is_over_stays_to_be_read_with_how_it_ended(command, fields, state):
    centre = at_work()
    on_to(centre, "reported")
    centre.done(command, support=S1, **fields)
    line = view(centre).ended[S1]
    assert view(centre).line(S1) is line
    assert (line.state, line.over, line.due_us, line.to) == (state, True, 0, "T1")
    assert (line.why, line.result) == (fields.get("why", ""), "done")
    assert view(centre).open == {}


def test_a_step_that_was_late_is_remembered_and_so_is_why_it_ended():
    centre = at_work()
    asked(centre)
    centre.tick(900)
    centre.done(w.DeclineSupport, role="supervisor", support=S1, reason="no dog tonight")
    line = view(centre).ended[S1]
    assert (line.late, line.state, line.reason) == (["approval"], "declined", "no dog tonight")


def test_ended_requests_are_forgotten_after_thirty_days_and_the_oldest_beyond_a_limit(monkeypatch):
    centre = at_work()
    for nth in range(1, 4):
        asked(centre)
        if nth == 3:
            monkeypatch.setattr(views, "ENDED_MAX", 2)
        centre.done(w.WithdrawSupport, support=f"200930001S{nth}", reason="found")
    assert list(view(centre).ended) == ["200930001S2", "200930001S3"]
    centre.clock.set(centre.clock.now_us() + views.KEPT_US // US * US)
    asked(centre)
    centre.done(w.WithdrawSupport, support="200930001S4", reason="found")
    assert list(view(centre).ended) == ["200930001S4"]
    assert {one.state for one in view(centre).all()} <= SUPPORT.last
