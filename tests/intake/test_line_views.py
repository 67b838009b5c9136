"""The calls that somebody has still to do something about, as pages read them."""

from __future__ import annotations

from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.intake.line_views import UNREACHED_US, OnLine
from answerable.intake.state import CALL
from answerable.towns.model import QUARTER_US
from tests.intake.test_line_rules import ABANDONED, ANSWERED, HUNG_UP, NO, OFFERED, call, rung
from tests.story import T0, US, Story, opened


def line(story: Story, name: str = NO) -> OnLine | None:
    found: OnLine | None = story.states["lines"].calls.get(name)
    return found


def test_a_call_that_rings_is_listed_with_its_line_and_not_with_its_number():
    one = line(call())
    assert one is not None
    assert (one.state, one.line, one.medium, one.reachable) == ("ringing", "911-3", "voice", True)
    assert "555" not in repr(one)


def test_an_answered_call_is_not_followed_by_anything_until_something_is_recorded():
    story = call(ANSWERED)
    assert line(story).followed is False
    assert line(story).by == "somebody"
    assert line(story.given(w.CallSilent(call=NO))).followed is True


def test_a_call_with_its_outcome_is_gone():
    for outcome in (opened(call=NO), i.CallEnded(call=NO, reason="over")):
        assert line(call(ANSWERED, outcome)) is None
    assert line(call(ANSWERED, OFFERED, w.CallTransferred(call=NO, agency="coast", receipt="1"))) \
        is None  # fmt: skip


def test_a_caller_to_be_rung_back_is_listed_with_the_attempts():
    one = line(call(ABANDONED, w.CallBackTried(call=NO, attempt=1, outcome="busy")))
    assert (one.state, one.attempts, one.tried, one.tried_us) == (
        "abandoned",
        1,
        "busy",
        T0 + 3 * US,
    )
    assert line(call(ABANDONED, w.CallerReached(call=NO, attempt=1))).state == "answered"


def test_a_caller_nobody_rang_back_for_two_days_is_listed_no_more():
    story = call(ABANDONED)
    story.now_us += UNREACHED_US + QUARTER_US
    assert line(story.given(rung(call="C2"))) is None


def test_texts_wait_until_somebody_writes_back_also_when_the_call_has_its_incident():
    text = w.TextTaken(call=NO, words="x")
    story = Story().given(i.CallRung(call=NO, medium="text"), text, text)
    assert (line(story).texts, line(story).text_us) == (2, T0 + 2 * US)
    story.given(ANSWERED, opened(call=NO))
    assert (line(story).state, line(story).incident) == ("matched", "200930001")
    story.given(w.CallerTexted(call=NO, words="y"))
    assert line(story) is None
    story.given(text)
    assert (line(story).state, line(story).texts) == ("matched", 1)


def test_the_list_stands_where_the_life_of_the_call_stands():
    """Every path of the life, walked: the fold may never say something else than the rules."""
    fresh = {
        w.CallBackTried: w.CallBackTried(call=NO, attempt=1, outcome="busy"),
        w.CallerReached: w.CallerReached(call=NO, attempt=1), w.CallHungUp: HUNG_UP,
        w.CallSilent: w.CallSilent(call=NO), w.TextTaken: w.TextTaken(call=NO, words="x"),
        w.CallerTexted: w.CallerTexted(call=NO, words="y"), w.CallTransferOffered: OFFERED,
        w.CallTransferDeclined: w.CallTransferDeclined(call=NO, agency="coast", reason="no"),
        i.CallAnswered: ANSWERED, i.CallAbandoned: ABANDONED,
    }  # fmt: skip
    paths, seen = [()], set()
    while paths:
        path = paths.pop()
        story = call(*path)
        at = story.states["intake"].calls[NO].state
        assert line(story).state == at, path
        for (here, event), to in CALL.table.items():
            if here == at and event in fresh and (here, event, to) not in seen:
                seen.add((here, event, to))
                paths.append((*path, fresh[event]))
    assert len(seen) > 25


def test_what_happened_is_counted_by_quarters_so_that_any_day_adds_up():
    story = call(ABANDONED).given(rung(call="C2"), rung(call="C3", medium="text"))
    lines = story.states["lines"]
    day = (T0 - T0 % QUARTER_US, T0 + 4 * QUARTER_US)
    counted = {what: lines.count(what, *day) for what in ("voice", "text", "abandoned", "silent")}
    assert counted == {"voice": 2, "text": 1, "abandoned": 1, "silent": 0}
    assert lines.count("voice", day[1], day[1] + QUARTER_US) == 0
