"""A reminder by message goes over the owner's channels, says nothing sealed, and is recorded."""

from __future__ import annotations

import asyncio

import pytest

from answerable.console.alerting.channels import FrontCentre
from answerable.exchange.channels.definition import Alerts, ChannelAt
from answerable.kernel.event import Row
from answerable.matters import matter_words as w
from tests.console.conftest import World
from tests.console.tracking.test_pages import opened

CHANNELS = [ChannelAt(name=name, kind="simulated") for name in ("pager", "phone")]


@pytest.fixture
def centre(world: World) -> FrontCentre:
    front = world.app.front
    front.alerting.set_up(CHANNELS, Alerts(order=("pager", "phone")))
    opened(world)
    return FrontCentre(front)


def last(world: World) -> Row:
    return list(world.centre.store.stream("matter:M1"))[-1]


def remind(world: World, way: str = "message") -> Row:
    world.do(w.RemindMatter, matter="M1", way=w.Way(way))
    return last(world)


def test_a_reminder_by_message_goes_over_the_owners_first_channel(world, centre):
    row = remind(world)
    assert (centre.wants(row, "pager"), centre.wants(row, "phone")) == (True, False)
    wanted = centre.page_of(row, "pager")
    assert wanted is not None
    assert not wanted.last
    page = wanted.page
    assert (page.matter, page.unit, page.sort) == ("M1", "E03", "reminder")
    assert "M1" in page.text
    assert "9 Apr 2020" in page.text
    assert "Gray" not in page.text


@pytest.mark.parametrize("way", ["page", "telephone"])
def test_the_other_ways_go_over_no_channel(world, centre, way):
    row = remind(world, way)
    assert not centre.wants(row, "pager")
    assert centre.page_of(row, "pager") is None


def test_one_that_does_not_get_through_goes_over_the_next_and_both_are_recorded(world, centre):
    first = centre.page_of(remind(world), "pager")
    assert first is not None

    asyncio.run(centre.missed(first.page, "no answer", last=False))
    row = last(world)
    assert row.kind == "matters.MatterMessaged"
    assert (centre.wants(row, "pager"), centre.wants(row, "phone")) == (False, True)
    second = centre.page_of(row, "phone")
    assert second is not None
    assert second.last
    asyncio.run(centre.heard(second.page))
    event = world.centre.hub.rooms.decode(last(world))
    assert event == w.MatterMessaged(matter="M1", channel="phone", carried=True)
    assert not centre.wants(last(world), "pager")


def test_nobody_is_told_any_more_of_a_matter_that_is_done(world, centre):
    row = remind(world)
    world.do(w.FinishMatter, matter="M1", result="done", words="seen to")
    assert not centre.wants(row, "pager")
    assert centre.page_of(row, "pager") is None
