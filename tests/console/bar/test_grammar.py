"""The table of verbs is sound: each has its command, its words are its own, its examples work."""

from __future__ import annotations

import msgspec
import pytest

from answerable.console.bar.grammar import Among, Sort
from answerable.console.bar.verbs import BY_WORD, VERBS, offered
from answerable.rooms import authority, product
from tests.console.bar.conftest import BOOKED, CALL, CLOSED, OPEN

ROOMS = product()
HAND_OVER = {
    "handover.SitDown", "handover.StandUp", "handover.OfferHandOver",
    "handover.WithdrawHandOver", "handover.TakeHandOver",
}  # fmt: skip
FILLED_IN = {
    "unit_type": {"dispatch.PutOnDuty"}, "escalation": {"dispatch.AcknowledgeEscalation"},
    "desk": HAND_OVER, "handover": HAND_OVER,
    "owner_sort": {"matters.OpenMatter"}, "problem": {"matters.DoneStep"},
}  # fmt: skip
"""Fields that a verb fills in (``asking.py``), shown by ``test_entering`` and others."""
HELPING = {"noted": {"incident"}}
"""Parts that are no field of the command: what fills a field is found by them."""


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_a_command_that_stands_or_leads_somewhere(verb):
    assert bool(verb.commands) != bool(verb.lead)
    assert set(verb.commands) <= set(ROOMS.commands)


@pytest.mark.parametrize("verb", [v for v in VERBS if v.command], ids=lambda verb: verb.name)
def test_the_parts_of_a_verb_are_fields_of_its_command_and_none_that_is_needed_is_left_out(verb):
    fields = {f.name: f for f in msgspec.structs.fields(ROOMS.commands[verb.command])}
    named = {part.field for part in verb.parts} | set(verb.fixed)
    assert named - HELPING.get(verb.name, set()) <= set(fields)
    needed = {name for name, field in fields.items() if field.required} - {"key"}
    filled = {name for name, tags in FILLED_IN.items() if verb.command in tags}
    assert needed - filled <= named


def test_no_word_means_two_verbs():
    words = [word.casefold() for verb in VERBS for word in verb.called]
    assert len(words) == len(set(words)) == len(BY_WORD)


def test_every_verb_has_a_chinese_word_and_an_example_in_both_languages():
    for verb in VERBS:
        assert any(not word.isascii() for word in verb.zh), verb.name
        assert verb.example.startswith(f"/{verb.name}"), verb.name
        assert verb.example_zh.startswith(f"/{verb.zh[0]}"), verb.name


def here(desk, verb, text):
    """Put the names of this world into an example."""
    among = {part.among for part in verb.parts if part.sort is Sort.INCIDENT}
    number = {Among.CLOSED: CLOSED, Among.BOOKED: BOOKED}.get(next(iter(among), None), OPEN)
    town = desk.front.town
    given = {
        "C0012": CALL, "#603": f"#{number}", "highway": town.file.agencies[0].code,
        "awake": town.script.questions[0].code, "cpr": town.script.instructions[0].code,
    }  # fmt: skip
    for word, name in given.items():
        text = text.replace(word, name)
    return text


def given(desk, verb):
    """Return somebody at the bar who is offered a verb."""
    rights = authority().roles
    roles = ("supervisor", "dispatcher", "call_taker", "crew")
    role = next(r for r in roles if verb.lead or rights[r].commands.intersection(verb.commands))
    return desk.at(role)


@pytest.mark.parametrize("verb", [v for v in VERBS if v.commands], ids=lambda verb: verb.name)
@pytest.mark.parametrize("tongue", ["example", "example_zh"])
def test_every_example_is_read_to_its_end(desk, verb, tongue):
    line = here(desk, verb, getattr(verb, tongue))
    reading = given(desk, verb).read(line)
    assert (reading.wrong, reading.values) == ("", {}), line
    assert reading.missing is None, line
    assert set(verb.commands) & set(reading.verb.commands), line


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_says_what_it_would_do_or_what_stands_against_it(desk, verb):
    panel = given(desk, verb).panel(here(desk, verb, verb.example))
    assert panel.preview.said
    assert "{" not in panel.preview.said


def test_an_example_in_one_language_asks_for_what_it_asks_for_in_the_other(desk):
    for verb in VERBS:
        fields = [
            set(given(desk, verb).read(here(desk, verb, text)).got)
            for text in (verb.example, verb.example_zh)
        ]
        assert fields[0] == fields[1], verb.name


def test_a_verb_is_offered_to_whoever_is_given_its_command_and_to_nobody_else():
    rights = authority().roles
    for role in ("dispatcher", "call_taker", "supervisor", "crew"):
        verbs = offered(ROOMS.commands, rights[role].commands)
        for verb in VERBS:
            given = bool(verb.lead) or bool(rights[role].commands.intersection(verb.commands))
            assert (verb in verbs) == given, (role, verb.name)


def test_a_verb_whose_command_no_room_has_is_offered_to_nobody():
    without = [tag for tag in ROOMS.commands if tag != "dispatch.SendUnit"]
    names = {verb.name for verb in offered(without, list(ROOMS.commands))}
    assert "send" not in names
    assert "ack" in names
