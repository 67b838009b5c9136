"""A crew reads what is asked of it, for that request and while it is theirs, and is recorded."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from answerable.intake.words import AddNote
from answerable.kernel.authority import Actor
from answerable.matters import support_words as w
from tests.console.conftest import DISPATCHER, MINUTE_US, NOON_US, World
from tests.console.supporting.test_pages import (
    CREW,
    SUPERVISOR,
    WORDS,
    asked,
    helped_by,
    read,
    sent,
)  # fmt: skip

TRUCK = Actor(name="a truck's crew", role="crew", unit="T03")


def on_the_phone(world: World, unit: str, *paths: str, **more: Any) -> list[httpx.Response]:
    """Return what a crew is shown that acts for a unit, one answer for each address."""

    async def scene(client: httpx.AsyncClient) -> list[httpx.Response]:
        page = await sent(client, "/crew", "/crew/unit", on=unit)
        assert page.status_code in (201, 303), page.text
        return [await client.get(path, **more) for path in paths]

    found: list[httpx.Response] = world.run(scene, "crew")
    return found


def given_to_t03(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the number of a request of E03 that is assigned to T03."""
    helped_by(world, monkeypatch, "TRUCK")
    number = asked(world, words=WORDS)
    world.do(w.ApproveSupport, SUPERVISOR, support=number)
    world.do(w.AssignSupport, SUPERVISOR, support=number, to="T03")
    return number


def readings(world: World, number: str) -> list[w.SupportRead]:
    incident = number.rpartition("S")[0]
    rows = world.centre.hub.store.stream(f"incident:{incident}")
    events = [world.centre.hub.rooms.decode(row) for row in rows]
    return [one for one in events if isinstance(one, w.SupportRead)]


def test_a_unit_reads_what_is_asked_of_it_and_that_is_recorded_once(world, monkeypatch):
    number = given_to_t03(world, monkeypatch)
    here = f"/support/{number}"
    phone, page, again = on_the_phone(world, "T03", "/crew", here, here)
    assert "What is asked for; reading it is recorded" in phone.text
    assert WORDS not in phone.text
    for one in (page, again):
        assert WORDS in one.text
        assert "That you read it is recorded." in one.text
        assert one.headers["cache-control"] == "no-store"
    [reading] = readings(world, number)
    assert (reading.unit, reading.purpose) == ("T03", w.ReadFor.GIVING)
    told = read(world, f"/incidents/{number.rpartition('S')[0]}/readings", "supervisor")
    assert f"The words of support {number} were read for T03: giving the support." in told


def test_a_reading_opens_that_request_and_nothing_else_of_its_incident(world, monkeypatch):
    helped_by(world, monkeypatch, "TRUCK")
    number = asked(world, words=WORDS)
    incident = number.rpartition("S")[0]
    world.do(AddNote, DISPATCHER, incident=incident, words="the caller is hiding")
    other = world.do(
        w.AskSupport, CREW, incident=incident, unit="E03", kind="drone", words="another secret"
    ).support
    world.do(w.ApproveSupport, SUPERVISOR, support=number)
    world.do(w.AssignSupport, SUPERVISOR, support=number, to="T03")
    page, theirs, whole = on_the_phone(
        world, "T03", f"/support/{number}", f"/support/{other}", f"/incidents/{incident}"
    )
    assert WORDS in page.text
    assert theirs.status_code == 403
    for one in (page, theirs, whole):
        assert "another secret" not in one.text
        assert "hiding" not in one.text
    assert WORDS not in whole.text


@pytest.mark.parametrize("unit", ["E03", "E36"])
def test_no_other_crew_is_shown_the_words_of_a_request(world, monkeypatch, unit):
    number = given_to_t03(world, monkeypatch)
    world.do(w.ReadSupport, TRUCK, support=number)
    pages = on_the_phone(world, unit, "/crew", "/support", f"/support/{number}")
    assert all(WORDS not in one.text for one in pages)
    assert len(readings(world, number)) == 1


@pytest.mark.parametrize("end", ["refused", "reported"])
def test_a_unit_reads_it_only_while_it_is_theirs(world, monkeypatch, end):
    number = given_to_t03(world, monkeypatch)
    [page] = on_the_phone(world, "T03", f"/support/{number}")
    assert WORDS in page.text
    if end == "refused":
        world.do(w.RefuseSupport, SUPERVISOR, support=number, reason="no dog")
    else:
        for command, more in ((w.AcceptSupport, {}), (w.BeginSupport, {}),
                              (w.ReportSupport, {"result": "done"})):  # fmt: skip
            world.do(command, SUPERVISOR, support=number, **more)
    [page] = on_the_phone(world, "T03", f"/support/{number}")
    assert WORDS not in page.text
    assert len(readings(world, number)) == 1


def test_a_page_that_reads_itself_again_records_no_reading_of_a_crew(world, monkeypatch):
    number = given_to_t03(world, monkeypatch)
    here = f"/support/{number}"
    [page] = on_the_phone(world, "T03", here, headers={"hx-request": "true"})
    assert WORDS not in page.text
    assert "Read what was asked; that is recorded" in page.text
    assert readings(world, number) == []


def test_a_reading_counts_for_an_hour_and_the_next_is_recorded_anew(world, monkeypatch):
    number = given_to_t03(world, monkeypatch)
    on_the_phone(world, "T03", f"/support/{number}")
    world.centre.hub.clock.jump(NOON_US + 70 * MINUTE_US)
    on_the_phone(world, "T03", f"/support/{number}")
    assert len(readings(world, number)) == 2
