"""The margin of a thread: clocks as brackets from the event that started them to their end."""

from __future__ import annotations

from answerable.console.clocks import Past
from answerable.console.reading import masked
from answerable.console.thread import COLUMNS_MAX, brackets
from answerable.dispatch import words as d


def past(started_at: int, stopped_at: int | None, tone: str = "calm") -> Past:
    took_s = None if stopped_at is None else 20.0
    return Past("sign for it", "签收", "E03", tone, 30.0, took_s, started_at, stopped_at)


def drawn(world, positions, clocks):
    margins, texts = brackets(positions, clocks, world.app.front.phrases("en"))
    return [[one["shape"] for one in margin] for margin in margins], texts


def test_a_bracket_runs_from_the_start_to_the_stop_and_says_how_long_it_took(world):
    shapes, texts = drawn(world, [1, 2, 3, 4], [past(2, 4)])
    assert shapes == [[""], ["from"], ["over"], ["to"]]
    assert texts == {4: [{"state": "calm", "text": "sign for it 0:20 of 0:30"}]}


def test_an_open_clock_runs_on_past_the_last_entry(world):
    shapes, texts = drawn(world, [1, 2], [past(1, None, "late")])
    assert shapes == [["from open"], ["over open"]]
    assert texts == {}


def test_clocks_that_overlap_stand_side_by_side_and_a_freed_column_is_used_again(world):
    shapes, _texts = drawn(world, [1, 2, 3, 4], [past(1, 2), past(1, 4), past(3, 4)])
    assert shapes == [["from", "from"], ["over", "to"], ["over", "from"], ["to", "to"]]


def test_a_clock_stopped_by_the_event_that_started_it_is_one_mark(world):
    shapes, _texts = drawn(world, [1, 2], [past(1, 1)])
    assert shapes == [["at-once"], [""]]


def test_the_margin_has_a_limit_and_every_entry_the_same_width(world):
    shapes, _texts = drawn(world, [1, 2], [past(1, 2) for _ in range(COLUMNS_MAX + 4)])
    assert {len(shape) for shape in shapes} == {COLUMNS_MAX}


def test_the_thread_of_a_real_incident_has_its_clocks(world):
    incident = world.incident()
    world.do(d.SendUnit, incident=incident, unit="E03")
    world.do(d.Acknowledge, incident=incident, unit="E03")
    data = world.app.front
    line = data.board.line(incident)
    from answerable.console import thread

    entries = thread.entries(data, line, data.phrases("en"), "dispatcher", masked)
    said = [entry["said"] for entry in entries if not entry["day"]]
    assert said[-1] == "E03 signed for it."
    assert any("sign for it" in text["text"] for text in entries[-1]["timed"])


def test_clocks_end_at_the_event_that_ended_them_even_when_all_happen_in_one_instant(world):
    world.demo.pause()
    incident = world.incident()
    for command in (d.SendUnit, d.Acknowledge, d.GoEnRoute, d.Arrive):
        world.do(command, incident=incident, unit="E03")
    data = world.app.front
    from answerable.console import thread

    told = thread.entries(data, data.board.line(incident), data.phrases("en"), "dispatcher", masked)
    timed = {
        entry["said"]: [t["text"] for t in entry["timed"]] for entry in told if not entry["day"]
    }
    sent, signed, _way, arrived = list(timed.values())[-4:]
    assert any("first unit sent" in text for text in sent)
    assert any("sign for it" in text for text in signed)
    assert any("arrive" in text for text in arrived)
