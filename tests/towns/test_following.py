"""following.toml: who is asked, when people may be rung, what is said in every language."""

from __future__ import annotations

import msgspec
import pytest

from answerable.towns.following import (
    ABOUT,
    FollowingFile,
    Hours,
    Ringing,
    again_us,
    next_open,
    window,
)
from answerable.towns.load import load_town, packaged_towns, read_following
from tests.story import US, at_local, toy_town

TOWNS = packaged_towns()
MINUTE_US = 60 * US


def following(**ringing):
    town = toy_town()
    town.following = FollowingFile(ringing=Ringing(**ringing))
    return town


def test_a_town_without_a_file_asks_as_the_product_comes(tmp_path):
    found = read_following(tmp_path / "following.toml")
    assert found.language == "en"
    assert found.script is not None
    assert tuple(one.about for one in found.script.questions) == ABOUT


@pytest.mark.parametrize("name", TOWNS)
def test_every_packaged_town_says_all_of_it_in_both_languages(name):
    script = load_town(TOWNS[name]).following.script
    assert script is not None
    for what, said in load_town(TOWNS[name]).following.said().items():
        assert set(said) >= {"en", "zh-CN"}, what
        assert "{kind}" not in said["en"], "said before anybody has said who they are"


@pytest.mark.parametrize("name", TOWNS)
def test_whom_a_packaged_town_bars_are_kinds_it_has(name):
    town = load_town(TOWNS[name])
    barred = town.following.barred
    assert set(barred.kinds + barred.alarms) <= set(town.kinds)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2020-04-02T08:00:00", "2020-04-02T09:00:00"),
        ("2020-04-02T19:59:59", "2020-04-02T19:59:59"),
        ("2020-04-02T20:00:00", "2020-04-03T09:00:00"),
        ("2020-04-04T17:59:00", "2020-04-04T17:59:00"),  # a Saturday
        ("2020-04-04T18:00:00", "2020-04-05T10:00:00"),
        ("2020-03-07T23:30:00", "2020-03-08T10:00:00"),  # the clocks go forward in that night
        ("2018-11-03T23:30:00", "2018-11-04T10:00:00"),  # and back in this one
    ],
)
def test_people_are_rung_in_the_hours_of_the_towns_own_clock(at, opens):
    assert next_open(toy_town(), at_local(at)) == at_local(opens)


def test_a_day_has_as_many_hours_as_it_says_also_when_the_clocks_change():
    day = window(toy_town(), toy_town().local(at_local("2018-11-04T12:00:00")).date())
    assert day.until_us - day.from_us == 8 * 60 * MINUTE_US


def test_after_an_attempt_the_next_is_as_late_as_the_town_says():
    town = following(again_min={"busy": 15}, final=("not in service",))
    noon = at_local("2020-04-02T12:00:00")
    assert again_us(town, "busy", noon) == noon + 15 * MINUTE_US
    assert again_us(town, "no answer", noon) == noon + 60 * MINUTE_US
    assert again_us(town, "not in service", noon) == 0


def test_hours_end_after_they_begin():
    with pytest.raises(ValueError, match="nobody can be rung"):
        Hours("18:00", "09:00")


def parts(**changed):
    """Return the packaged script as plain data, changed."""
    found = read_following(TOWNS["san_francisco"] / "no-such-file")
    return msgspec.to_builtins(found) | changed


def read(data):
    return msgspec.convert(data, FollowingFile)


def test_a_language_in_which_something_is_not_said_is_refused():
    with pytest.raises(msgspec.ValidationError, match="is not said in fr"):
        read(parts(languages={"en": "English", "fr": "français"}))


def test_the_four_questions_are_asked_each_once_in_their_order():
    data = parts()
    data["script"]["question"] = data["script"]["question"][:3]
    with pytest.raises(msgspec.ValidationError, match="the questions are about"):
        read(data)
    data = parts()
    data["script"]["question"][0]["about"] = "price"
    with pytest.raises(msgspec.ValidationError, match="a question is about one of"):
        read(data)
