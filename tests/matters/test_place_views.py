"""What each place called about: one count an incident, whatever happened to it, and bounded."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as dispatch
from answerable.intake import join_words as join
from answerable.intake import words as intake
from answerable.matters import place_views
from answerable.matters.place_views import Places, calls_of
from answerable.rooms import product
from tests.story import T0, US, ZONE, Centre, Story

MINUTE = 60 * US
DAY = 1_440 * MINUTE
HYDE = "200 Block of Hyde St"


def opened(incident: str = "I1", kind: str = "Fire", address: str = "200 Block of HYDE ST",
           **more: Any) -> intake.IncidentOpened:  # fmt: skip
    return intake.IncidentOpened(
        incident=incident, kind=kind, priority="3", address=address, lon=-122.42, lat=37.76,
        neighborhood="Middle", **more,
    )  # fmt: skip


def closed(incident: str = "I1") -> dispatch.IncidentClosed:
    return dispatch.IncidentClosed(incident=incident, outcome="done")


def view(told: Story) -> Places:
    found: Places = told.states["places"]
    return found


def rows(told: Story) -> list[tuple[str, str, int, int, int]]:
    """Return place, kind, minutes since the story began, minutes it lasted (-1: goes on), calls."""
    calls = calls_of(view(told), ZONE)
    begin = T0 // MINUTE
    return [
        (
            calls.places[calls.place[at]], calls.kinds[calls.kind[at]],
            int(calls.at_us[at]) // MINUTE - begin,
            int(calls.over_us[at] - calls.at_us[at]) // MINUTE if calls.over_us[at] else -1,
            int(calls.reports[at]),
        )
        for at in range(len(calls))
    ]  # fmt: skip


def test_an_incident_counts_while_it_goes_on_and_once_it_is_over():
    told = Story().given(opened(), at=T0)
    assert rows(told) == [(HYDE, "Fire", 0, -1, 1)]
    told.given(closed(), at=T0 + 25 * MINUTE)
    assert rows(told) == [(HYDE, "Fire", 0, 25, 1)]
    spot = calls_of(view(told), ZONE).spots[0]
    assert (spot.lon, spot.lat, spot.area) == (-122.42, 37.76, "Middle")


def test_whoever_else_calls_about_it_is_counted_with_it():
    attached = [intake.CallAttached(call=f"C{n}", incident="I1") for n in range(4)]
    rang = [intake.CallAnswered(call=call) for call in ("C0", "C1", "C2", "C3", "C9")]
    told = Story().given(*rang, opened(call="C9"), *attached)
    told.given(join.CallDetached(call="C0", incident="I1", reason="another matter"))
    told.given(closed())
    assert [one[4] for one in rows(told)] == [4]


def test_kind_place_and_time_are_those_it_turned_out_to_be():
    told = Story().given(opened(), at=T0 + MINUTE)
    told.given(
        intake.KindChanged(
            incident="I1", kind="Medical", priority="2", was_kind="Fire", was_priority="3",
            reason="nobody burns",
        ),
        intake.PlaceCorrected(
            incident="I1", address="TURK ST/HYDE ST", was_address=HYDE, lon=-122.4, lat=37.7,
            reason="the crossing",
        ),
        intake.CallTimeCorrected(
            incident="I1", step="IncidentOpened", was_us=T0 + MINUTE, now_us=T0, reason="paper"
        ),
    )  # fmt: skip
    told.given(closed(), at=T0 + 9 * MINUTE)
    assert rows(told) == [("Hyde St / Turk St", "Medical", 0, 9, 1)]


def test_two_that_are_one_count_once_with_the_callers_of_both():
    told = Story().given(opened("I1"), opened("I2"))
    told.given(merge.IncidentMerged(incident="I2", into="I1", reason="the same"))
    assert [(one[0], one[4]) for one in rows(told)] == [(HYDE, 2)]
    told.given(merge.IncidentUnmerged(incident="I2", out_of="I1", reason="not the same"))
    assert [one[4] for one in rows(told)] == [1, 1]


def test_what_is_closed_again_after_a_reopening_counts_once():
    told = Story().given(opened(), closed())
    told.given(dispatch.IncidentReopened(incident="I1", reason="smoke"), closed())
    assert len(rows(told)) == 1


def test_an_incident_without_a_place_is_at_none():
    assert rows(Story().given(opened(address="CALL BOX:"), closed())) == []


def test_a_place_is_never_a_door():
    told = Story().given(opened(address="214 Hyde St, Apt 4"), closed())
    assert [one[0] for one in rows(told)] == [HYDE]


def test_what_is_older_than_is_kept_goes_and_so_does_a_place_where_nothing_is_left():
    told = Story().given(opened("I1", address="1 Fell St"), closed("I1"), at=T0)
    later = T0 + (place_views.KEPT_DAYS + 8) * DAY
    told.given(opened("I2"), closed("I2"), at=later)
    assert [one[0] for one in rows(told)] == [HYDE]
    assert list(view(told).places) == [HYDE]
    assert view(told).kept == 1


def test_never_more_than_so_many_are_kept_and_the_oldest_go_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(place_views, "KEPT_MAX", 20)
    told = Story()
    for day in range(60):
        told.given(opened(f"I{day}"), closed(f"I{day}"), at=T0 + day * DAY)
    held = rows(told)
    assert len(held) == view(told).kept <= 20
    assert held[-1][2] == 59 * 1_440
    assert [one[2] for one in held] == [1_440 * day for day in range(60 - len(held), 60)]


def test_a_snapshot_holds_it_byte_for_byte():
    told = Story().given(opened("I1"), opened("I2"), closed("I1"))
    packed = msgspec.msgpack.encode(view(told))
    again = msgspec.msgpack.decode(packed, type=Places)
    assert msgspec.msgpack.encode(again) == packed
    told.states["places"] = again
    assert len(rows(told.given(closed("I2")))) == 2


def test_live_rebuilt_and_snapshot_are_the_same():
    centre = Centre()
    for number in range(3):
        centre.done(
            intake.OpenIncident, incident=f"I{number}", kind="Fire", priority="3",
            address=f"{number}00 Hyde St", lon=-122.42, lat=37.76,
        )  # fmt: skip
    centre.done(dispatch.CloseIncident, incident="I1", outcome="done")
    live = product().pack(centre.hub.state)
    assert product().pack(centre.restart(use_snapshot=False).hub.state) == live
    assert len(calls_of(centre.state("places"), ZONE)) == 3
