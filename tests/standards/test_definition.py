"""A definition that cannot be used is refused with the file, the key and a remedy."""

from __future__ import annotations

import pytest

import answerable.dispatch.words
import answerable.intake.words  # noqa: F401 - the shelf uses their events
from answerable.standards.adopting import adoptions
from answerable.standards.definition import BadStandard, check_standard, digest_of, read_standard
from answerable.standards.shelf import shelf_text
from answerable.standards.words import AdoptStandard
from tests.standards.bench import ERRANDS, Bench

HEAD = 'name = "t"\nsource = "s"\n'
CLOCK = """
[[clock]]
name = "come"
starts = "toyroom.Sent"
stops = "toyroom.Came"
limit_s = 60
"""


def fault(text: str) -> tuple[str, str, str]:
    with pytest.raises(BadStandard) as caught:
        read_standard(text, "errands.toml")
    bad = caught.value
    assert str(bad) == f"errands.toml: {bad.where}: {bad.problem}. {bad.remedy}"
    return bad.where, bad.problem, bad.remedy


def test_short_forms_are_written_out():
    clock = read_standard(HEAD + CLOCK + 'rings = ["a", {after_s = 3, do = "b"}]').clocks[0]
    assert clock.stops == ("toyroom.Came",)
    assert [(ring.do, ring.after_s) for ring in clock.rings] == [("a", 0.0), ("b", 3.0)]


def test_what_a_clock_is_about_is_what_start_and_stop_have_in_common():
    text = HEAD + CLOCK
    assert read_standard(text).clocks[0].by == ("incident", "unit")
    assert read_standard(text.replace("Sent", "Asked")).clocks[0].by == ("incident",)
    assert read_standard(text.replace("Sent", "Rung")).clocks[0].by == ("call",)


def test_a_subject_gets_another_clock_unless_one_event_stands_for_many():
    assert read_standard(HEAD + CLOCK).clocks[0].again is True
    assert read_standard(HEAD + CLOCK + 'by = "incident"').clocks[0].again is False
    assert read_standard(HEAD + CLOCK + 'by = "incident"\nagain = true').clocks[0].again is True


def test_the_order_of_identities_does_not_matter():
    one = read_standard(HEAD + CLOCK + 'by = ["unit", "incident"]')
    assert digest_of(one) == digest_of(read_standard(HEAD + CLOCK))


@pytest.mark.parametrize(
    ("text", "where", "problem", "remedy"),
    [
        ("name = ", "the TOML", "Invalid", "Correct that line"),
        (HEAD, "[[clock]]", "there is no promise", "Add at least one [[clock]] table."),
        (HEAD + "clock = 3", "[[clock]]", "there is no promise", "Add at least one"),
        (HEAD + "clocks = []", "key clocks", "it is written [[clock]]", "Give each promise"),
        (CLOCK, "key name", "missing required field", "Add it."),
        (HEAD + "motto = 1" + CLOCK, "key motto", "unknown field", "Remove it"),
        (HEAD + CLOCK + "limits = 3", "clock 1 (come), key limits", "unknown field", "Remove it"),
        (
            HEAD + CLOCK.replace("limit_s = 60", ""),
            "clock come, key limit_s",
            "it has no limit",
            "Add limit_s (seconds), or due (a date of the start event).",
        ),
        (
            HEAD + CLOCK + 'due = "due_us"',
            "clock come, key due",
            "it has two limits, limit_s and due",
            "Leave one of the two.",
        ),
        (
            HEAD + CLOCK.replace("limit_s = 60", 'due = "until_us"'),
            "clock come, key due",
            "toyroom.Sent says no open until_us",
            "Possible here: due_us.",
        ),
        (
            HEAD + CLOCK.replace("limit_s = 60", 'due = "due_us"').replace("Sent", "Asked"),
            "clock come, key due",
            "toyroom.Asked says no open due_us",
            "Give limit_s instead, or start at an event that says a date.",
        ),
        (
            HEAD + CLOCK.replace("limit_s = 60", 'due = "size"'),
            "clock 1 (come), key due",
            "expected `str` matching regex",
            "Correct the value",
        ),
        (
            HEAD + CLOCK.replace("60", "-5"),
            "clock 1 (come), key limit_s",
            "expected `float` > 0.0",
            "Give the limit in seconds, more than 0.",
        ),
        (HEAD + CLOCK + "target = 95", "key target", "expected `float` <= 1.0", "between 0 and 1"),
        (HEAD + CLOCK + "percentile = 100", "key percentile", "< 100.0", "between 0 and 100"),
        (HEAD + CLOCK + "where.size = 3", "key where", "expected `array`", "in quotes"),
        (HEAD + CLOCK + "where.size = []", "key where.size", "the list is empty", "at least one"),
        (HEAD + CLOCK + 'where.colour = "x"', "where.colour", "no such open field", "size"),
        (HEAD + CLOCK + 'where.door = "x"', "where.door", "no such open field", "Possible here"),
        (
            HEAD + CLOCK.replace("toyroom.Came", "toyroom.Comes"),
            "clock come, key stops",
            "there is no event toyroom.Comes",
            "toyroom.Came",
        ),
        (
            HEAD + CLOCK.replace("toyroom.Came", "elsewhere.Came"),
            "clock come, key stops",
            "there is no event elsewhere.Came",
            "Known are: toyroom.Came.",
        ),
        (
            HEAD + CLOCK.replace("toyroom.Came", "elsewhere.Went"),
            "key stops",
            "there is no event",
            "Is that room part of this centre?",
        ),
        (
            HEAD + CLOCK.replace("toyroom.Came", "standards.ClockRang"),
            "key stops",
            "made by the clocks themselves",
            "another room",
        ),
        (
            HEAD + CLOCK.replace('"toyroom.Came"', "[]"),
            "clock come, key stops",
            "it names no event",
            "Name the event that stops it.",
        ),
        (
            HEAD + CLOCK.replace("toyroom.Came", "toyroom.Sent"),
            "key stops",
            "toyroom.Sent starts the clock and stops it",
            "another event",
        ),
        (
            HEAD + CLOCK + 'voids = "toyroom.Sent"',
            "key voids",
            "starts the clock and voids it",
            "Leave it out",
        ),
        (
            HEAD + CLOCK + 'voids = "toyroom.Came"',
            "key voids",
            "toyroom.Came stops the clock and voids it",
            "one of the two",
        ),
        (
            HEAD + CLOCK + 'rings = [{after_s = 9, do = "a"}, "b"]',
            "key rings",
            "comes earlier than one before it",
            "order of after_s",
        ),
        (
            HEAD + CLOCK.replace("toyroom.Sent", "toyroom.Weather"),
            "clock come, key by",
            "no identity in common",
            "share an incident",
        ),
        (
            HEAD + CLOCK + 'voids = "toyroom.Weather"',
            "clock come, key voids",
            "toyroom.Weather does not say which incident it is",
            "name another event",
        ),
        (
            HEAD + CLOCK + 'by = ["incident", "door"]',
            "clock come, key by",
            "door of toyroom.Sent is sealed",
            "No clock is about a person",
        ),
        (HEAD + CLOCK + 'by = ["a", "b", "c"]', "key by", "length <= 2", "Correct the value"),
        (HEAD + CLOCK + CLOCK, "clock come", "two clocks have this name", "Name each of them"),
        (HEAD + "[[clock]]\nname = 3", "clock 1 (3), key name", "expected `str`", "Correct"),
        ("name = " + "[" * 30_000, "the TOML", "nested too deeply", "catalogue/"),
    ],
)
def test_a_fault_is_named_with_its_place_and_what_to_do(text, where, problem, remedy):
    found = fault(text)
    assert where in found[0], found
    assert problem.lower() in found[1].lower(), found
    assert remedy in found[2], found


def test_a_decoded_definition_is_checked_like_a_text():
    standard = read_standard(ERRANDS)
    assert check_standard(standard) == standard


def test_a_standard_that_is_not_on_the_shelf_is_refused_with_those_that_are():
    with pytest.raises(BadStandard, match=r"There are: .*nena-sta-020, nfpa-1225-1710"):
        shelf_text("no-such")


def test_a_town_adopts_what_it_names_once_and_again_when_it_changed():
    bench = Bench()
    names = ["one-three-five", "uk-999"]
    for command in adoptions(names, bench.state):
        bench.did(AdoptStandard, key=command.key, definition=command.definition)
    assert adoptions(names, bench.state) == []
    old = shelf_text("uk-999").replace("limit_s = 900", "limit_s = 1200")
    bench.did(AdoptStandard, text=old)
    [again] = adoptions(names, bench.state)
    assert again.key.startswith("adopt:uk-999:3:")
