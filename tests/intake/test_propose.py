"""What a caller's words mean: kind, priority and why, and never over what was chosen."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.intake.propose import NOTHING, Proposal, Rules
from answerable.towns.load import load_town, packaged_towns
from answerable.towns.narrative import NarrativeFile, WordRule

WHY = {"en": "so it is", "zh": "就是这样"}
USUAL = {"Fire": "2", "Medical": "1", "Car fire": "2"}


def rule(code: str, *heard: str, **more: object) -> WordRule:
    return msgspec.convert({"code": code, "why": WHY, "any": heard} | more, WordRule)


RULES = (
    rule("car", "burn*", "fire", kind="Car fire", **{"with": ["car", "汽车"]}),
    rule("fire", "smoke", "fire", "冒烟", "着火", kind="Fire", unless=["barbecue", "演习"]),
    rule("breath", "not breathing", "没有呼吸", kind="Medical", priority="3"),
    rule("ill", "sick", "昏迷", kind="Medical"),
    rule("inside", "trapped", "被困", priority="3", kinds=["Fire"]),
    rule("drill", "exercise", priority="1"),
)
FILE = NarrativeFile(
    rules=RULES, negations=("no", "not", "isn't", "没有", "没", "不", "不是"), reach=3,
    doubts=("not sure", "no there is", "不知道", "是不是"),
)  # fmt: skip
TOWN = Rules(FILE, USUAL)


def told(words: str, **chosen: str) -> tuple[str, str]:
    found = TOWN.propose(words, **chosen)
    return found.kind, found.priority


def reasons(words: str, **chosen: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.rule, one.words) for one in TOWN.propose(words, **chosen).because]


# -- what fits --------------------------------------------------------------------------------


def test_the_first_rule_that_fits_gives_the_kind_and_its_usual_priority():
    assert told("smoke in the hall") == ("Fire", "2")
    assert told("a car is burning") == ("Car fire", "2")
    assert told("she is sick, and there is smoke") == ("Fire", "2")


def test_the_reason_is_the_callers_own_words():
    found = TOWN.propose("There is Smoke from a CAR; fire!")
    assert reasons("There is Smoke from a CAR; fire!") == [("car", ("fire", "CAR"))]
    assert found.because[0].why == WHY


def test_chinese_is_heard_without_spaces_and_beside_english():
    assert told("厨房冒烟了") == ("Fire", "2")
    assert told("caller says 汽车 fire") == ("Car fire", "2")
    assert reasons("三楼冒烟有人被困") == [("fire", ("冒烟",)), ("inside", ("被困",))]


def test_a_word_is_whole_unless_its_end_is_open():
    assert told("smokeless") == ("", "")
    assert told("the car burned") == ("Car fire", "2")
    assert told("burnt car") == ("Car fire", "2")


def test_a_word_that_speaks_against_it_takes_the_rule_away():
    assert told("smoke from a barbecue") == ("", "")
    assert told("着火演习") == ("", "")


def test_both_lists_must_be_heard():
    assert told("burning") == ("", "")
    assert told("car") == ("", "")


def test_a_rule_may_be_about_the_priority_of_some_kinds_only():
    assert told("smoke, two people trapped") == ("Fire", "3")
    assert told("car on fire, driver trapped") == ("Car fire", "2")
    assert reasons("smoke, two people trapped") == [("fire", ("smoke",)), ("inside", ("trapped",))]


def test_a_rule_about_priority_alone_proposes_none_while_no_kind_is_known():
    assert told("this is an exercise") == ("", "")
    assert told("this is an exercise", kind="Medical") == ("", "1")


# -- negations --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["no smoke", "no visible smoke", "there isn't any smoke", "there isn’t smoke", "not a fire",
     "no sign of smoke", "没有冒烟", "没冒烟", "不是着火", "没有看到冒烟"],
)  # fmt: skip
def test_what_is_denied_is_not_heard(words):
    assert TOWN.propose(words) is NOTHING or not TOWN.propose(words)


@pytest.mark.parametrize(
    "words",
    ["no barking, smoke", "no injuries but smoke", "no injuries and smoke", "smoke, no injuries",
     "no smoke downstairs; smoke upstairs", "没有人受伤，着火了", "no one I know of here saw smoke",
     "not sick just smoke"],
)  # fmt: skip
def test_a_negation_ends_with_its_clause_and_reaches_only_so_far(words):
    assert told(words)[0] == "Fire"


@pytest.mark.parametrize(
    "words",
    ["not sure if it is a fire", "no there is smoke", "不知道着火没有", "是不是着火了"],
)
def test_who_doubts_has_not_denied(words):
    assert told(words)[0] == "Fire"


def test_a_denial_beside_a_doubt_denies():
    assert told("not sure but no smoke") == told("不知道 没有着火") == ("", "")


def test_a_phrase_with_its_own_negation_is_not_denied_by_it():
    assert told("he is not breathing") == ("Medical", "3")
    assert told("他没有呼吸") == ("Medical", "3")


# -- what was chosen stands -------------------------------------------------------------------


def test_over_a_chosen_kind_nothing_but_a_priority_is_proposed():
    assert told("smoke, somebody trapped", kind="Medical") == ("", "")
    assert told("smoke, somebody trapped", kind="Fire") == ("", "3")
    assert reasons("smoke, somebody trapped", kind="Fire") == [("inside", ("trapped",))]


def test_over_a_chosen_priority_none_is_proposed():
    assert told("smoke, somebody trapped", priority="1") == ("Fire", "")
    assert told("smoke", kind="Fire", priority="1") == ("", "")


@given(
    st.lists(st.sampled_from(["smoke", "no", "trapped", "fire", "car", "冒烟", "没有", ",", "sick",
                              "but", "*", "’", "\n", "\x00", "🔥", "not breathing"])).map(" ".join)
    | st.text(max_size=200),
    st.sampled_from(["", *USUAL]), st.sampled_from(["", "1", "2", "3"]),
)  # fmt: skip
def test_any_text_is_read_and_a_choice_is_never_changed(words, kind, priority):
    found = TOWN.propose(words, kind, priority)
    assert not (kind and found.kind)
    assert not (priority and found.priority)
    assert bool(found) == bool(found.because)
    assert found.kind in ("", *USUAL)
    for one in found.because:
        assert all(part and part in words for part in one.words)
    assert TOWN.propose(words, kind, priority) == found


def test_a_rule_for_a_kind_the_town_has_not_is_passed_over():
    rules = Rules(FILE, {"Medical": "1"})
    assert rules.propose("smoke, she is sick").kind == "Medical"


def test_nothing_is_proposed_where_there_are_no_rules():
    assert Rules(NarrativeFile(), USUAL).propose("smoke") == Proposal()


# -- the packaged towns -----------------------------------------------------------------------

SAID = [
    ("san_francisco", "smoke coming from the second floor", "Structure Fire", "3"),
    ("san_francisco", "house on fire, children still inside", "Structure Fire", "E"),
    ("san_francisco", "no fire, just the smoke alarm beeping", "Alarms", "3"),
    ("san_francisco", "he isn't breathing", "Medical Incident", "E"),
    ("san_francisco", "brush fire near the river", "Outside Fire", "3"),
    ("san_francisco", "车祸 有人昏迷", "Traffic Collision", "E"),
    ("san_francisco", "他没有呼吸了", "Medical Incident", "E"),
    ("san_francisco", "dog barking all night", "", ""),
    ("liechtenstein", "smoke from the barn", "Building fire", "1"),
    ("liechtenstein", "car crash, nobody hurt", "Traffic collision", "2"),
    ("liechtenstein", "有人持刀打人", "Violence", "1"),
]


@pytest.mark.town_data
@pytest.mark.parametrize(("name", "words", "kind", "priority"), SAID)
def test_the_packaged_towns_understand_what_callers_say(name, words, kind, priority):
    town = load_town(packaged_towns()[name])
    rules = Rules(town.narrative, {one.code: one.priority for one in town.file.kinds})
    found = rules.propose(words)
    assert (found.kind, found.priority) == (kind, priority)


@pytest.mark.parametrize("name", sorted(packaged_towns()))
def test_every_rule_of_a_packaged_town_says_why_in_both_languages_and_can_fit(name):
    town = load_town(packaged_towns()[name])
    usual = {one.code: one.priority for one in town.file.kinds}
    assert town.narrative.rules
    for one in town.narrative.rules:
        assert {"en", "zh"} <= set(one.why), one.code
        alone = Rules(NarrativeFile(rules=(one,), negations=town.narrative.negations), usual)
        for word in one.any:
            said = ". ".join([word.rstrip("*"), *(w.rstrip("*") for w in one.beside[:1])])
            of = one.kind or (one.kinds or tuple(usual))[0]
            assert alone.propose(said, kind="" if one.kind else of), (one.code, word)


def test_a_built_town_starts_with_the_made_up_rules_and_questions():
    here = Path(packaged_towns()["liechtenstein"])
    for name in ("narrative.toml", "questions.toml"):
        made_up = here.parent / f"default_{name}"
        assert (here / name).read_bytes() == made_up.read_bytes()


@pytest.mark.town_data
def test_a_long_narrative_is_read_in_a_blink():
    town = load_town(packaged_towns()["san_francisco"])
    rules = Rules(town.narrative, {one.code: one.priority for one in town.file.kinds})
    words = "there is a lot of smoke from the kitchen window, nobody saw flames yet " * 56
    began_s = time.process_time()
    assert rules.propose(words[:4000])
    assert time.process_time() - began_s < 0.05


SAID = {
    "fire": ["there is a fire", "no there is a fire", "not sure if it's a fire", "着火了",
             "不知道是不是着火了", "家里着火了"],
    "no fire": ["no fire", "there is no fire", "没有着火", "火已经灭了", "fire is out",
                "不是火灾", "he is not on fire", "a fire drill"],
    "breath": ["he is not breathing", "no one is breathing", "cannot breathe", "没有呼吸",
               "不能呼吸", "喘不过气", "胸口疼"],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(packaged_towns()))
def test_a_packaged_town_hears_what_callers_say_in_either_language(name):
    town = load_town(packaged_towns()[name])
    rules = Rules(town.narrative, {kind.code: kind.priority for kind in town.file.kinds})
    kinds = {what: [rules.propose(words).kind for words in said] for what, said in SAID.items()}
    assert all("ire" in kind for kind in kinds["fire"]), kinds
    assert kinds["no fire"] == [""] * len(SAID["no fire"])
    assert all(kind.startswith("Medical") for kind in kinds["breath"]), kinds
    assert "ehicle" in rules.propose("车着火了").kind
    assert "ollision" in rules.propose("没人受伤，两车相撞").kind
    assert "as" in rules.propose("no smoke, but a gas smell").kind
