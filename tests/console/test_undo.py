"""Taking back: each deed by its opposite, refused with the reason where there is none any more."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from answerable.console import undoing
from answerable.console.bar.memory import Memory
from answerable.console.language import language
from answerable.console.sanity import Refused
from answerable.console.undo import WAYS, NoWay, Way, inverse
from answerable.dispatch import merge_words as merge
from answerable.dispatch import move_words as moving
from answerable.dispatch import words as d
from answerable.followup import back_words as backs
from answerable.intake import join_words as join
from answerable.intake import words as i
from answerable.kernel.authority import SYSTEM, Actor
from answerable.kernel.event import Recorded
from answerable.kernel.hub import Accepted, Ask
from answerable.matters import problem_words as problems
from tests.story import T0, US, Centre, centre, make

WHO = Actor(name="desk", role="supervisor")
MINUTE_US = 60 * US
PLACE = {"kind": "Fire", "priority": "3", "address": "5th St", "lon": -122.43, "lat": 37.76}


@pytest.fixture
def town() -> Centre:
    """Return a centre with two incidents, two calls about the first, and three units."""
    made = centre().duty("E1", "E2", "T1")
    for call in ("C1", "C2", "C3"):
        made.done(i.AnswerCall, call=call)
    made.incident(incident="A", call="C1")
    made.incident(incident="B")
    made.done(i.AttachCall, call="C2", incident="A")
    return made


def deed(town: Centre, command: type, **fields: Any) -> tuple[Recorded, ...]:
    """Have a command done by the desk; return what it had recorded."""
    [outcome] = town.hub.handle([Ask(make(command, fields), WHO)])
    assert isinstance(outcome, Accepted), outcome
    return outcome.recorded


def past_of(town: Centre):
    def past(stream: str, position: int):
        rows = [row for row in town.store.stream(stream) if row.position < position]
        return (town.hub.rooms.decode(row) for row in reversed(rows))

    return past


def back(town: Centre, done: tuple[Recorded, ...]) -> list[Way] | NoWay:
    return inverse(done, town.hub.state, past_of(town))


def taken_back(town: Centre, done: tuple[Recorded, ...]) -> None:
    """Take a deed back with the commands that are found."""
    ways = back(town, done)
    assert not isinstance(ways, NoWay), ways
    for way in ways:
        deed(town, way.command, **way.fields)


def board(town: Centre) -> dict[str, Any]:
    """Return what screens show of incidents and units, without times, positions and histories."""
    lines = [*town.board.incidents.values(), *town.board.closed.values()]
    responses = town.state("dispatch").responses
    return {
        line.incident: (
            line.state, line.kind, line.priority, line.address, line.lon, tuple(line.calls),
            tuple(line.linked), line.into, tuple(line.merged),
            responses[line.incident].hold, responses[line.incident].alarm,
            {u: j.state for u, j in line.jobs.items() if j.state not in ("cleared", "cancelled")},
        )
        for line in lines
    } | {
        unit.unit: (unit.status, unit.duty, town.state("dispatch").units[unit.unit].moved_up)
        for unit in town.board.units.values()
    } | {"calls": {call: one.state for call, one in town.board.calls.items()}}  # fmt: skip


DEEDS: dict[str, tuple[type, dict[str, Any]]] = {
    "attach": (i.AttachCall, {"call": "C3", "incident": "A"}),
    "detach": (join.DetachCall, {"call": "C2", "reason": "another"}),
    "link": (join.LinkIncidents, {"incident": "A", "other": "B"}),
    "merge": (merge.MergeIncident, {"incident": "A", "into": "B", "reason": "same"}),
    "kind": (i.ChangeKind, {"incident": "A", "kind": "Medical", "priority": "1", "reason": "fell"}),
    "place": (
        i.CorrectPlace,
        {"incident": "A", "address": "9th St", "lon": -122.47, "lat": 37.7, "reason": "x2"},
    ),
    "nowhere": (i.CorrectPlace, {"incident": "A", "address": "the pier", "reason": "fog"}),
    "close": (d.CloseIncident, {"incident": "A", "outcome": "over"}),
    "send": (d.SendUnit, {"incident": "A", "unit": "E1"}),
    "out of service": (d.TakeOutOfService, {"unit": "E1", "reason": "flat tyre"}),
    "hold": (moving.HoldIncident, {"incident": "A", "until": T0 + 90 * MINUTE_US, "reason": "ok"}),
    "move up": (moving.OrderMoveUp, {"unit": "E1", "station": "3", "reason": "cover"}),
    "alarm": (moving.RaiseAlarm, {"incident": "A", "level": 2, "reason": "spreads"}),
}


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_that_is_taken_back_leaves_every_screen_as_it_was(town, name):
    before = board(town)
    command, fields = DEEDS[name]
    done = deed(town, command, **fields)
    assert board(town) != before
    taken_back(town, done)
    assert board(town) == before


@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_is_taken_back_once_and_then_says_why_it_cannot_be(town, name):
    command, fields = DEEDS[name]
    done = deed(town, command, **fields)
    taken_back(town, done)
    again = back(town, done)
    assert isinstance(again, NoWay)
    assert again.because.format(**{"time": "", **again.values})


def test_a_stacked_job_a_note_a_booking_and_an_unlinking_are_taken_back(town):
    deed(town, d.SendUnit, incident="B", unit="E1")
    stacked = deed(town, d.StackUnit, incident="A", unit="E1", reason="next door")
    taken_back(town, stacked)
    assert town.board.line("A").jobs["E1"].state == "cancelled"
    noted = deed(town, i.AddNote, incident="A", words="smoke")
    taken_back(town, noted)
    assert town.state("intake").incidents["A"].struck == [1]
    booked = deed(town, i.BookIncident, due=T0 + 90 * MINUTE_US, **PLACE)
    taken_back(town, booked)
    assert town.board.booked == {}
    deed(town, join.LinkIncidents, incident="A", other="B")
    unlinked = deed(town, join.UnlinkIncidents, incident="A", other="B", reason="no")
    taken_back(town, unlinked)
    assert town.board.line("B").linked == ["A"]
    for done in (stacked, noted, booked, unlinked):
        assert isinstance(back(town, done), NoWay)


def test_a_split_is_taken_back_by_merging_what_was_split_off(town):
    done = deed(town, join.SplitIncident, incident="A", call="C2", reason="other", into="N")
    [way] = back(town, done)
    assert (way.command, way.fields["incident"], way.fields["into"]) == (
        merge.MergeIncident, "N", "A",
    )  # fmt: skip
    taken_back(town, done)
    assert town.board.line("A").merged == ["N"]
    unmerged = deed(town, merge.UnmergeIncident, incident="N", reason="no")
    taken_back(town, unmerged)
    assert town.board.line("N").into == "A"


def test_a_split_is_not_taken_back_while_units_are_on_what_was_split_off(town):
    done = deed(town, join.SplitIncident, incident="A", call="C2", reason="other", into="N")
    deed(town, d.SendUnit, incident="N", unit="E2")
    found = back(town, done)
    assert isinstance(found, NoWay)
    assert found.values["units"] == "E2"


def test_a_unit_that_has_arrived_is_not_called_off_by_a_key(town):
    done = deed(town, d.SendUnit, incident="A", unit="E1")
    deed(town, d.GoEnRoute, incident="A", unit="E1")
    assert not isinstance(back(town, done), NoWay)
    deed(town, d.Arrive, incident="A", unit="E1")
    found = back(town, done)
    assert isinstance(found, NoWay)
    assert "no longer on its way" in found.because


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ("attach", ("detach", {"call": "C3"}), "not about incident"),
        ("kind", ("kind", {"kind": "Other"}), "changed again"),
        ("place", ("place", {"address": "elsewhere"}), "corrected again"),
        ("alarm", ("alarm", {"level": 3}), "changed again"),
    ],
)
def test_what_somebody_else_did_meanwhile_is_not_undone_with_it(town, first, then, said):
    command, fields = DEEDS[first]
    done = deed(town, command, **fields)
    command, fields = DEEDS[then[0]]
    deed(town, command, **{**fields, **then[1]})
    found = back(town, done)
    assert isinstance(found, NoWay)
    assert said in found.because


def test_a_place_goes_back_to_the_position_it_had_and_the_door_must_be_told_anew(town):
    town.incident(incident="D", lon=-122.44, door="flat 3")
    done = deed(town, i.CorrectPlace, incident="D", address="9th St", lon=-122.47, lat=37.7,
                reason="x2")  # fmt: skip
    [way] = back(town, done)
    assert (way.fields["lon"], way.fields["address"]) == (-122.44, "100 Block of Main St")
    assert "door" not in way.fields
    assert "door anew" in way.says


def test_a_second_level_goes_back_to_the_first_one_and_not_to_none(town):
    deed(town, moving.RaiseAlarm, incident="A", level=2, reason="spreads")
    third = deed(town, moving.RaiseAlarm, incident="A", level=3, reason="spreads")
    [way] = back(town, third)
    assert way.fields["level"] == 2


def test_a_hold_whose_time_was_changed_is_not_ended(town):
    deed(town, moving.HoldIncident, incident="A", until=T0 + 60 * MINUTE_US, reason="ok")
    later = deed(town, moving.HoldIncident, incident="A", until=T0 + 90 * MINUTE_US, reason="ok")
    assert isinstance(back(town, later), NoWay)


def test_an_opened_incident_and_an_exchange_are_not_taken_back(town):
    opened = deed(town, i.OpenIncident, **PLACE)
    assert isinstance(back(town, opened), NoWay)
    deed(town, d.SendUnit, incident="A", unit="E1")
    swapped = deed(town, moving.ExchangeUnits, incident="A", unit="E1", by="E2", reason="nearer")
    assert isinstance(back(town, swapped), NoWay)


def test_several_commands_are_taken_back_in_the_opposite_order_all_or_none(town):
    both = deed(town, d.SendUnit, incident="A", unit="E1") + deed(
        town, d.SendUnit, incident="A", unit="E2"
    )
    ways = back(town, both)
    assert [way.fields["unit"] for way in ways] == ["E2", "E1"]
    deed(town, d.Arrive, incident="A", unit="E1")
    assert isinstance(back(town, both), NoWay)


def test_what_a_room_did_by_itself_is_not_the_desks_deed(town):
    deed(town, d.SendUnit, incident="B", unit="E1")
    deed(town, d.StackUnit, incident="A", unit="E1", reason="next door")
    cleared = deed(town, d.ClearUnit, incident="B", unit="E1")
    assert any(one.row.actor == SYSTEM.name for one in cleared)  # it was sent to A
    assert isinstance(back(town, cleared), NoWay)


def test_nothing_done_is_nothing_to_take_back(town):
    assert isinstance(back(town, ()), NoWay)


def test_every_way_back_is_gone_here_or_named(town):
    """A way that no test goes is not known to lead anywhere."""
    gone = {
        i.CallAttached, join.CallDetached, join.IncidentsLinked, join.IncidentsUnlinked,
        join.IncidentSplit, merge.IncidentMerged, merge.IncidentUnmerged, i.KindChanged,
        i.PlaceCorrected, i.NoteAdded, d.IncidentClosed, i.IncidentBooked, i.IncidentOpened,
        d.UnitSent, d.UnitStacked, d.UnitOutOfService, moving.IncidentOnHold,
        moving.MoveUpOrdered, moving.AlarmRaised,
    }  # fmt: skip
    gone |= {problems.StepAdded, problems.StepDone, problems.AgencyJoined}  # console/problems
    gone |= {
        backs.CallBackTaken,
        backs.CallBackTried,
        backs.CallBackAnswered,
        backs.CallBackBarred,
    }  # fmt: skip - console/calling_back
    assert set(WAYS) == gone


# -- at the desk -----------------------------------------------------------------------------


async def act(client, command: str, **fields: str):
    """Send a form as the script does, and return its answer."""
    return await post(client, "/do", type=command, **fields)


async def post(client, path: str, **fields: str):
    page = (await client.get("/board")).text
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    headers = {"origin": "http://127.0.0.1", "hx-request": "true"}
    return await client.post(path, data={"token": token, **fields}, headers=headers)


def shown(world, scene: Callable[[Any], Any], role: str = "dispatcher") -> Any:
    return world.run(scene, role)


def test_the_button_beside_an_answer_takes_that_very_deed_back(world):
    incident = world.incident()

    async def scene(client):
        sent = await act(client, "dispatch.SendUnit", incident=incident, unit="E03")
        of = re.search(r'form="undo" name="of" value="(\d+)"', sent.text)[1]
        assert "E03 is called off incident" in sent.text
        undone = await post(client, "/undo", of=of, key="undo-1")
        assert (undone.status_code, "Taken back. E03 is called off" in undone.text) == (201, True)
        again = await post(client, "/undo", of=of, key="undo-1")
        assert (again.status_code, "Taken back already." in again.text) == (201, True)
        other = await post(client, "/undo", of=of, key="undo-2")
        assert (other.status_code, "Not taken back." in other.text) == (409, True)

    shown(world, scene)
    assert world.centre.board.line(incident).jobs["E03"].state == "cancelled"
    told = list(world.centre.store.stream(f"incident:{incident}"))[-1]
    assert (told.kind, told.actor) == ("dispatch.UnitCancelled", "dispatcher")
    assert b"taken back" in told.body


def test_the_key_takes_back_one_deed_after_another_and_says_when_there_is_none(world):
    first, second = world.incident(), world.incident()

    async def scene(client):
        await act(client, "intake.LinkIncidents", incident=first, other=second)
        await act(client, "dispatch.SendUnit", incident=first, unit="E03")
        said = [(await post(client, "/undo", key=f"key-{n}")).text for n in range(3)]
        assert "called off" in said[0]
        assert "no longer linked" in said[1]
        assert "Not taken back. This desk has done nothing" in said[2]

    shown(world, scene)
    assert world.centre.board.line(first).linked == []


def test_a_desk_takes_back_its_own_deed_and_nobody_elses(world):
    incident = world.incident()

    async def sends(client):
        await act(client, "dispatch.SendUnit", incident=incident, unit="E03")

    async def undoes(client):
        return (await post(client, "/undo", key="mine-1")).status_code

    shown(world, sends)
    assert shown(world, undoes) == 409
    assert world.centre.board.line(incident).jobs["E03"].state == "sent"


def test_what_was_done_long_ago_is_not_taken_back_by_a_key(world):
    incident = world.incident()
    deeds = Memory()
    session = world.session("dispatcher")
    world.do(d.SendUnit, incident=incident, unit="E03")
    row = list(world.centre.store.stream(f"incident:{incident}"))[-1]
    old = row._replace(recorded_at=row.recorded_at - undoing.BACK_US - US)
    deeds.did(session, [Recorded(old, world.centre.hub.rooms.decode(row))])
    phrases = world.app.front.phrases("en")
    found = undoing.offer(world.app.front, deeds.last(session), phrases)
    assert isinstance(found, NoWay)
    assert "half an hour" in undoing.parts_of(found, phrases)[1]
    with pytest.raises(Refused) as refused:
        raise undoing.refused(found)
    assert refused.value.code == "console.NotTakenBack"


def test_no_button_is_offered_for_what_the_role_may_not_take_back(world):
    async def scene(client):
        call = world.do(i.AnswerCall).call
        incident = world.incident()
        answer = await act(client, "intake.AttachCall", call=call, incident=incident)
        return answer.text

    assert 'form="undo"' in shown(world, scene, "call_taker")

    async def closed(client):
        incident = world.incident()
        return (await act(client, "dispatch.CloseIncident", incident=incident, outcome="xx")).text

    assert 'form="undo"' in shown(world, closed)

    async def opened(client):
        return (await act(client, "intake.OpenIncident", kind="Other", priority="3",
                          address="x", unverified="fog")).text  # fmt: skip

    assert 'form="undo"' not in shown(world, opened)


def test_without_a_script_it_leads_back_to_the_board(world):
    incident = world.incident()

    async def scene(client):
        await act(client, "dispatch.SendUnit", incident=incident, unit="E03")
        page = (await client.get("/board")).text
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
        headers = {"origin": "http://127.0.0.1"}
        answer = await client.post("/undo", data={"token": token, "key": "plain"}, headers=headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/board")

    shown(world, scene)


def test_what_it_would_do_is_said_in_both_languages(world):
    incident = world.incident()
    front = world.app.front
    world.do(i.ChangeKind, incident=incident, kind="Other", priority="2", reason="fell")
    rows = list(front.hub.store.stream(f"incident:{incident}"))
    one = Recorded(rows[-1], front.hub.rooms.decode(rows[-1]))
    english, chinese = (undoing.offer(front, (one,), front.phrases(t)) for t in ("en", "zh-CN"))
    assert english.says == f"Incident {incident} is Medical Incident, priority 3 again."
    assert incident in chinese.says
    assert "Incident" not in chinese.says
    assert language("zh-CN")(undoing.NOT_DONE) != undoing.NOT_DONE
