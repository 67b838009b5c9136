"""What pages say of days, counts, agencies and of whoever did something, in each language."""

from __future__ import annotations

import datetime
import functools
import importlib
import pkgutil
import re

import pytest

from answerable import console
from answerable.console.admin.beside import _rest
from answerable.console.language import catalogues, language, read_messages
from answerable.console.phrases import Phrases
from answerable.kernel.authority import Actor
from answerable.standards.shelf import shelf, shelf_standard
from answerable.towns.load import load_town, town_folder
from answerable.towns.sending import Rest

HAN = re.compile(r"[\u4e00-\u9fff]")
APRIL, MAY = datetime.date(2020, 4, 2), datetime.date(2020, 5, 4)


@functools.cache
def phrases(tag: str) -> Phrases:
    """Return the words of San Francisco in a language."""
    return Phrases(load_town(town_folder("san_francisco")), language(tag), {})


@pytest.mark.parametrize(
    ("tag", "one", "two"),
    [
        ("en", "2 Apr 2020", "2 Apr 2020 to 4 May 2020"),
        ("zh-CN", "2020年4月2日", "2020年4月2日 至 2020年5月4日"),
    ],
)
def test_a_single_day_is_no_range(tag, one, two):
    assert language(tag).days(APRIL, APRIL) == one
    assert language(tag).days(APRIL, MAY) == two


@pytest.mark.parametrize("day", ["6345-34-14", "0000-01-01", "2020-02-30", "", "２０２０-04-02"])
def test_a_day_that_the_calendar_does_not_have_is_told_as_it_was_said(day):
    assert phrases("en")._shown("day", day) == day


def test_one_of_a_thing_is_told_in_the_singular():
    told = [language("en").counted("{count} incident", "{count} incidents", n) for n in (0, 1, 2)]
    assert told == ["0 incidents", "1 incident", "2 incidents"]
    assert language("en").counted("{count} unit", "{count} units", 18_050) == "18,050 units"
    assert language("zh-CN").counted("{count} incident", "{count} incidents", 1) == "1 起警情"


@pytest.mark.parametrize(
    ("actor", "english", "chinese"),
    [
        ("crew of E03", "crew of E03", "E03 车组"),
        ("simulated/STATION", "simulated: The station of the area", "模拟：辖区消防站"),
        ("simulated call-back desk", "simulated call-back desk", "模拟回访席"),
        ("system", "system", "系统"),
        ("li.na", "li.na", "li.na"),
    ],
)
def test_whoever_did_it_is_told_in_the_language_of_the_page(actor, english, chinese):
    assert phrases("en").who(actor) == english
    assert phrases("zh-CN").who(actor) == chinese


@pytest.mark.parametrize("tag", catalogues())
def test_whom_the_demonstration_plays_has_a_name_in_every_language(tag):
    played = set()
    for module in pkgutil.iter_modules(console.__path__):
        if module.name.startswith("demo_"):
            found = vars(importlib.import_module(f"answerable.console.{module.name}")).values()
            played |= {one.name for one in found if isinstance(one, Actor)}
    played = {name for name in played if name.startswith("simulated ")}
    assert len(played) > 5
    assert sorted(played - set(read_messages(tag))) == []


def test_an_agency_and_a_day_of_the_record_are_told_as_people_write_them():
    assert phrases("zh-CN").agency("STATION") == "辖区消防站"
    assert phrases("en").agency("GONE") == "GONE"
    assert phrases("en")._shown("day", "2020-04-02") == "2 Apr 2020"
    assert phrases("zh-CN")._shown("day", "2020-04-02") == "2020年4月2日"
    assert phrases("en")._shown("day", "some day") == "some day"


def test_an_outcome_stands_behind_its_state_with_the_mark_of_the_language():
    zh = phrases("zh-CN")
    assert zh.of("已结案", zh.outcome("Code 3 Transport")) == "已结案：紧急送医"
    assert phrases("en").of("closed", "Fire") == "closed: Fire"


@pytest.mark.parametrize("name", shelf())
def test_where_a_promise_comes_from_is_told_in_chinese_too(name):
    assert HAN.search(read_messages("zh-CN")[shelf_standard(name).source])


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        (Rest(work_s=21_600, within_s=28_800), "after 6 h 00 of work in 8 h 00"),
        (Rest(after_job_s=300), "5:00 after each job"),
        (
            Rest(after_job_s=300, work_s=3600, within_s=7200),
            "5:00 after each job, after 1 h 00 of work in 2 h 00",
        ),
    ],
)
def test_a_rule_of_rest_begins_with_its_first_half_that_is_there(rest, said):
    assert _rest(rest, phrases("en")) == said
