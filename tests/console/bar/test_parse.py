"""A line is read as it was meant, or it is asked what was meant; nothing is guessed."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.console.bar import lists
from answerable.console.bar.asking import Nobody, bodies
from answerable.console.bar.grammar import Sort
from answerable.console.bar.spot import Spot
from answerable.console.bar.verbs import VERBS
from tests.console.bar.conftest import BOOKED, CALL, CLOSED, OPEN, OTHER, RINGING

READ = [
    ("/send e3 604", {"unit": ["E03"], "incident": [OTHER]}),
    ("/send 604 e3", {"unit": ["E03"], "incident": [OTHER]}),
    ("send E03,E07、T03 to 604", {"unit": ["E03", "E07", "T03"], "incident": [OTHER]}),
    ("/send e03 e03", {"unit": ["E03"], "incident": [OPEN]}),
    ("/s E03 to #604 because the crew knows the house",
     {"unit": ["E03"], "incident": [OTHER], "why": ["the crew knows the house"]}),
    ("派E03", {"unit": ["E03"], "incident": [OPEN]}),
    ("／派警 Ｅ０３ 到 ＃604", {"unit": ["E03"], "incident": [OTHER]}),
    ("/note 55 year old man", {"words": ["55 year old man"], "incident": [OPEN]}),
    ("/note 604 Larkin, back door", {"words": ["604 Larkin, back door"], "incident": [OPEN]}),
    (f"/note {OTHER} is the wrong one", {"words": [f"{OTHER} is the wrong one"],
                                         "incident": [OPEN]}),
    ("/note on 604 nothing", {"words": ["on 604 nothing"], "incident": [OPEN]}),
    ("/note #604  two  spaces", {"words": ["two  spaces"], "incident": [OTHER]}),
    ('/close "604 people evacuated"', {"outcome": ["604 people evacuated"], "incident": [OPEN]}),
    (f"/close {OTHER} false alarm", {"outcome": ["false alarm"], "incident": [OTHER]}),
    ("/close 2 treated", {"outcome": ["2 treated"], "incident": [OPEN]}),
    ("/reopen #701 burns again", {"incident": [CLOSED], "reason": ["burns again"]}),
    ("/unbook #702 not wanted", {"incident": [BOOKED], "reason": ["not wanted"]}),
    ("/attach c12 to 604", {"call": [CALL], "incident": [OTHER]}),
    ("/answer", {"call": [RINGING]}),
    ("/kind structure fire E because smoke", {"kind": ["Structure Fire"], "priority": ["E"],
                                              "reason": ["smoke"], "incident": [OPEN]}),
    ("/kind struc because smoke", {"kind": ["Structure Fire"], "priority": ["3"],
                                   "reason": ["smoke"], "incident": [OPEN]}),
    ("/改类 建筑火灾 因为 冒烟", {"kind": ["Structure Fire"], "priority": ["3"],
                                  "reason": ["冒烟"], "incident": [OPEN]}),
    ("/strike 3 #604 misheard", {"note": ["3"], "incident": [OTHER], "reason": ["misheard"]}),
    ("/merge #604 into #603 same", {"into": [OPEN], "incident": [OTHER], "reason": ["same"]}),
    ("/merge into #604 the same", {"into": [OTHER], "incident": [OPEN], "reason": ["the same"]}),
    ("/message E03 604 is locked", {"unit": ["E03"], "words": ["604 is locked"],
                                    "incident": [OPEN]}),
    ("/message desk 3 help", {"desk": ["Desk 3"], "words": ["help"], "incident": [OPEN]}),
    ("/hospital M12 zuckerberg", {"unit": ["M12"], "incident": [OPEN],
                                  "hospital": ["Zuckerberg SF General"]}),
    ("/exchange E03 with E07 nearer", {"unit": ["E03"], "by": ["E07"], "incident": [OPEN],
                                       "reason": ["nearer"]}),
]  # fmt: skip

ASKED = [
    ("/close 604 false alarm", "Is {words} an incident?"),
    ("/close 60 false alarm", "{words} is neither a unit nor an incident."),
    ("/clear e03 604", "Is {words} an incident?"),
    ("/send e03 60", "{words} is neither a unit nor an incident."),
    ("/send e03 4", "{words} is neither a unit nor an incident."),
    ("/send e03 #999", "There is no such incident: {words}."),
    ("/send e03 to 200930701", "Incident {words} is closed. Reopen it first."),
    ("/send e03 #200930701", "Incident {words} is closed. Reopen it first."),
    ("/note #999 hello", "There is no such incident: {words}."),
    ("/send e03 20093", "{words} is neither a unit nor an incident."),
    ("/reopen #604 again", "There is no such incident: {words}."),
    ("/message E99 come in", "There is no unit {words}."),
    ("/cancel zz9 needed elsewhere", "{words} is neither a unit nor an incident."),
    ("/kind ele because x", "Several fit {words}"),
    ("/oos E03 until 25:99 fuel", "{words} cannot be read here."),
    ("/ack E03 because late", "{words} is neither a unit nor an incident."),
    ("/frobnicate", "No such command."),
    ("/attach C99 to 603", "There is no such call: {words}."),
    ("/silent C99", "There is no such call: {words}."),
    ("/answer C99", "There is no such call: {words}."),
    ("/text C99 can you speak?", "There is no such call: {words}."),
    ("/instruct trephine", "There is no such instruction: {words}."),
    ("/question colour red", "There is no such question: {words}."),
    ("/moveup E03 to 999 cover is broken", "There is no such station: {words}."),
]

MISSING = [
    ("/send", Sort.UNIT), ("/cancel E03", Sort.WORDS), ("/note", Sort.WORDS),
    ("/open", Sort.KIND), ("/open Alarms", Sort.PLACE), ("/hold", Sort.WHEN),
    ("/merge same fire", Sort.INCIDENT), ("/callback C12", Sort.CHOICE),
]  # fmt: skip


@pytest.mark.parametrize(("line", "got"), READ)
def test_a_line_names_what_it_says(desk, line, got):
    reading = desk.read(line)
    assert (reading.wrong, reading.got) == ("", got)
    assert reading.missing is None


@pytest.mark.parametrize(("line", "said"), ASKED)
def test_what_could_mean_two_things_or_nothing_is_not_done(desk, line, said):
    reading = desk.read(line)
    assert reading.wrong.startswith(said.split("{")[0] or said)
    assert said in reading.wrong
    assert not reading.whole


@pytest.mark.parametrize(("line", "sort"), MISSING)
def test_what_is_missing_is_asked_for(desk, line, sort):
    reading = desk.read(line)
    assert (reading.wrong, reading.missing and reading.missing.sort) == ("", sort)


def test_digits_that_two_incidents_end_in_name_neither():
    with pytest.raises(lists.Several) as several:
        lists.incident(_twins(), "603", lists.Among.OPEN)
    assert set(several.value.names) == {"200930603", "200920603"}


def _twins():
    """Return a front whose board has two incidents with the same last digits."""

    board = SimpleNamespace(incidents={"200930603": 1, "200920603": 1}, closed={}, booked={})
    return SimpleNamespace(board=board)


def test_nothing_is_chosen_where_nothing_is_chosen(desk):
    for line in ("/note hello", "/close done", "/send E03"):
        reading = desk.read(line, chosen="")
        assert reading.missing is not None, line
        assert reading.missing.sort is Sort.INCIDENT


def test_a_part_that_was_left_out_is_marked_as_such(desk):
    assert desk.read("/note hello").implied
    assert not desk.read("/note #604 hello").implied


def test_a_status_is_the_verb_it_means(desk):
    assert desk.read("/status E03 arrived").verb.name == "arrive"
    assert desk.read("/status arrived E03 604").got == {"unit": ["E03"], "incident": [OTHER]}
    assert desk.read("/状态 E03 到场").verb.name == "arrive"
    assert desk.read("/status E03").missing.sort is Sort.STEP


def test_a_verb_that_is_not_given_is_not_read(desk):
    crew = desk.at("crew")
    assert crew.read("/arrive E03").verb.name == "arrive"
    assert crew.read("/send E03").verb is None
    assert crew.read("/close done").wrong


def test_what_a_history_keeps_of_a_line_has_no_words_and_no_place(desk):
    for line, kept in (
        ("/note #604 my secret words", "/note #604 "),
        ("/note my secret words", "/note "),
        ("/send E03 E07 to 604 because secret", "/send E03 E07 to 604 "),
        ("/open Alarms 3 at 12 Secret Street", "/open Alarms 3 "),
        ("/close #604 secret", "/close #604 "),
        ("/find secret", "/find "),
    ):
        reading = desk.read(line)
        assert reading.kept == kept
        assert "ecret" not in reading.kept


# -- whatever is typed -----------------------------------------------------------------------

WORDS = st.one_of(
    st.sampled_from([word for verb in VERBS for word in verb.called]),
    st.sampled_from(["E03", "e7", "T03", "M12", "#603", "604", "603", OPEN, CLOSED, "#701", "c12",
                     "C200931013", "all", "first", "to", "on", "with", "into", "because", "at",
                     "until", "+20m", "14:30", "2", "3", "Alarms", "Structure", "Fire", "desk",
                     "#", "\"x", "E99", "36", "swap", "到", "因为", "在", "１２"]),
    st.text(max_size=8),
    st.integers(0, 10**12).map(str),
)  # fmt: skip
LINES = st.builds(
    lambda head, words, gap, tail: head + gap.join(words) + tail,
    st.sampled_from(["/", "", "／", " /"]), st.lists(WORDS, max_size=7),
    st.sampled_from([" ", "  ", "\u3000", ","]), st.sampled_from(["", " "]),
)  # fmt: skip
CHOSEN = st.sampled_from(["", OPEN, CLOSED, "999"])


@settings(
    max_examples=700, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(line=LINES, chosen=CHOSEN)
def test_whatever_is_typed_is_read_without_a_fault_and_names_only_what_it_says(desk, line, chosen):
    reading = desk.read(line, chosen)
    if reading.whole:
        assert unnamed(desk, reading, chosen) == []
    if reading.whole and not reading.verb.lead and not reading.spot:
        try:
            asked = bodies(desk.front, desk.session, reading, Spot())
        except Nobody:
            return
        assert {body["type"] for body in asked} <= set(reading.verb.commands)


def unnamed(desk, reading, chosen):
    """Return the units, calls and incidents of a reading that its line does not name."""
    said = lists.folded(reading.line)
    tokens = [t for t in re.split(r"[\s,，、;；:：#＃/／]+", said) if t]
    found = []
    for part in reading.verb.parts:
        for value in reading.got.get(part.field, ()):
            if part.sort is Sort.UNIT and not value.startswith("*"):
                named = any(lists.unit(desk.front, token) == value for token in tokens)
                named |= any(t.endswith(value.lower()) for t in tokens)  # 派E03
            elif part.sort in (Sort.INCIDENT, Sort.CALL):
                ends = [t.lstrip("c") for t in tokens if len(t) > 1]
                named = any(value.endswith(end) for end in ends if end)
                named |= part.default is not None and value in (chosen, RINGING)
            else:
                continue
            if not named:
                found.append((part.field, value))
    return found


def test_the_look_for_what_was_not_named_finds_it(desk):
    reading = desk.read("/send E03 604")
    reading.got["unit"].append("E07")
    assert unnamed(desk, reading, OPEN) == [("unit", "E07")]
    reading.got["incident"] = [CLOSED]
    assert ("incident", CLOSED) in unnamed(desk, reading, OPEN)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(line=LINES, chosen=CHOSEN, caret=st.integers(-1, 30))
def test_whatever_is_typed_something_is_shown_and_nothing_happens(desk, line, chosen, caret):
    before = desk.front.hub.position
    panel = desk.panel(line, chosen, caret)
    assert panel.preview.said or panel.reading.verb is not None
    assert len(panel.offers) <= max(12 * 3, len(VERBS))
    assert desk.front.hub.position == before
