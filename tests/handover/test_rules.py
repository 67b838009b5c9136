"""Given who sits where, when a desk is handed over, then these events (or this refusal)."""

from __future__ import annotations

import msgspec
import pytest

from answerable.access import words as access
from answerable.handover import words as w
from answerable.handover.state import EMPTY, Seat, State
from answerable.handover.views import desk_of, offered, seat_of, words_at
from answerable.kernel.hub import Accepted
from answerable.kernel.refusals import NotAllowed, WrongStep
from tests.story import Centre, Story

SAT = w.SatDown(desk="Desk 3", session="a1")
OFFERED = w.HandOverOffered(handover="H1", desk="Desk 3", words="E3 is back at four")
GONE = w.StoodUp(desk="Desk 3", left=w.Left.STOOD_UP)


def state(told: Story) -> State:
    found: State = told.states["handover"]
    return found


def seat(told: Story) -> Seat:
    return state(told).seat("Desk 3")


# -- sitting down ----------------------------------------------------------------------------


def test_somebody_sits_down_at_a_free_desk():
    told = Story().when(w.SitDown, desk="Desk 3", session="a1").then(SAT)
    assert (seat(told).state, seat(told).position, seat(told).since_us) == ("taken", 1, told.now_us)


def test_a_desk_that_somebody_has_is_not_taken_by_another():
    told = Story().given(SAT)
    told.when(w.SitDown, desk="Desk 3", name="another").refused(w.DeskInUse, desk="Desk 3")


def test_ones_own_desk_is_not_taken_twice():
    told = Story().given(SAT)
    told.when(w.SitDown, desk="Desk 3", name="somebody").refused(w.SitsThere)


def test_nobody_sits_down_past_what_was_left_for_the_next():
    told = Story().given(SAT, OFFERED, GONE)
    told.when(w.SitDown, desk="Desk 3", name="another").refused(WrongStep, state="waiting")


def test_a_centre_has_so_many_desks():
    told = Story().given(*(w.SatDown(desk=f"Desk {n}") for n in range(w.DESKS_MAX)))
    told.when(w.SitDown, desk="Desk 999", name="another").refused(w.TooManyDesks)


@pytest.mark.parametrize("name", ["Ada", "Desk", "3\n", " 3", "<b>3</b>", "", "3" * 25])
def test_a_desk_is_named_as_a_place_with_a_number(name):
    with pytest.raises(msgspec.ValidationError):
        Story().when(w.SitDown, desk=name)


@pytest.mark.parametrize("name", ["3", "Desk 3", "Fire-2", "台席 3", "P.1"])
def test_places_of_all_sorts_are_desks(name):
    Story().when(w.SitDown, desk=name).then(w.SatDown(desk=name))


# -- standing up -----------------------------------------------------------------------------


def test_whoever_stands_up_leaves_nothing_of_themselves_behind():
    told = Story().given(SAT).when(w.StandUp, desk="Desk 3", name="somebody").then(GONE)
    assert state(told).desks == {}


def test_nobody_stands_up_for_another_nor_from_an_empty_desk():
    Story().given(SAT).when(w.StandUp, desk="Desk 3", name="another").refused(w.NotYourDesk)
    Story().when(w.StandUp, desk="Desk 3").refused(WrongStep, state=EMPTY)


def test_the_end_of_a_session_frees_its_desk_and_no_other():
    ended = access.SignedOut(account="ada", session="a1", why=access.Ended.ASKED)
    centre = Centre()
    centre.done(w.SitDown, desk="Desk 1", session="a1", name="ada")
    centre.done(w.SitDown, desk="Desk 2", session="b2", name="ada")
    centre.done(w.SitDown, desk="Desk 3", session="a1", name="bo")
    room = next(r for r in centre.hub.rooms.rooms if r.name == "handover")
    row = list(centre.store.rows())[-1]
    asked = room.reacts[access.SignedOut](centre.state("handover"), ended, row)
    assert [(type(one), one.desk) for one in asked] == [(w.LeaveDesk, "Desk 1")]
    assert isinstance(centre.do(asked[0], role="system"), Accepted)
    assert list(centre.state("handover").desks) == ["Desk 2", "Desk 3"]


def test_a_desk_nobody_sits_at_is_not_left():
    Story().when(w.LeaveDesk, role="system", desk="Desk 3").refused(WrongStep)


def test_only_the_service_itself_says_that_a_session_ended():
    Story().given(SAT).when(w.LeaveDesk, role="supervisor", desk="Desk 3").refused(NotAllowed)


def test_a_supervisor_frees_a_desk_with_a_reason_and_ends_what_was_offered():
    free = {"desk": "Desk 3", "reason": "went home"}
    left = w.StoodUp(desk="Desk 3", left=w.Left.FREED, reason="went home")
    ended = w.HandOverWithdrawn(handover="H1", desk="Desk 3")
    story = Story().given(SAT)
    assert state(story.when(w.FreeDesk, role="supervisor", **free).then(left)).desks == {}
    story = Story().given(SAT, OFFERED)
    story.when(w.FreeDesk, role="supervisor", **free).then(ended, left)
    assert state(story).desks == {}
    story = Story().given(SAT, OFFERED, GONE)
    assert state(story.when(w.FreeDesk, role="supervisor", **free).then(ended)).desks == {}


def test_a_dispatcher_frees_nobodys_desk_and_an_empty_one_cannot_be_freed():
    free = {"desk": "Desk 3", "reason": "went home"}
    Story().given(SAT).when(w.FreeDesk, **free).refused(NotAllowed)
    Story().when(w.FreeDesk, role="supervisor", **free).refused(WrongStep)


# -- handing over ----------------------------------------------------------------------------


def test_whoever_sits_there_offers_it_with_words_for_the_next():
    told = Story().given(SAT)
    told.when(w.OfferHandOver, desk="Desk 3", words=" E3 is back at four ", name="somebody")
    told.then(OFFERED)
    assert (seat(told).state, seat(told).handover, seat(told).offered_at) == ("offered", "H1", 2)


def test_each_hand_over_has_a_name_of_its_own():
    told = Story().given(SAT, OFFERED, w.HandOverWithdrawn(handover="H1", desk="Desk 3"))
    told.when(w.OfferHandOver, desk="Desk 3", name="somebody")
    told.then(w.HandOverOffered(handover="H2", desk="Desk 3"))


def test_nobody_offers_anothers_desk():
    Story().given(SAT).when(w.OfferHandOver, desk="Desk 3", name="another").refused(w.NotYourDesk)


def test_another_person_takes_it_over_and_sits_there_from_then_on():
    told = Story().given(SAT, OFFERED)
    taken = w.HandOverTaken(handover="H1", desk="Desk 3", session="b2")
    told.when(w.TakeHandOver, desk="Desk 3", handover="H1", session="b2", name="another")
    told.then(taken)
    assert (seat(told).state, seat(told).session, seat(told).position) == ("taken", "b2", 3)
    assert (seat(told).handover, seat(told).offered_by, seat(told).offered_at) == ("", "", 0)


def test_it_can_be_taken_over_when_whoever_offered_it_has_gone():
    told = Story().given(SAT, OFFERED, GONE)
    assert (seat(told).by, seat(told).state) == ("", "waiting")
    told.when(w.TakeHandOver, desk="Desk 3", handover="H1", name="another")
    assert seat(told).state == "taken"


def test_nobody_signs_for_both():
    told = Story().given(SAT, OFFERED)
    told.when(w.TakeHandOver, desk="Desk 3", handover="H1", name="somebody").refused(
        w.OneHand,
        text="Not taken over: Desk 3. You offered it yourself; a hand-over is signed by both. "
        "Let whoever comes sign with their own name, or withdraw it.",
    )


def test_nobody_signs_for_what_they_have_not_read():
    again = (w.HandOverWithdrawn(handover="H1", desk="Desk 3"),
             w.HandOverOffered(handover="H2", desk="Desk 3"))  # fmt: skip
    told = Story().given(SAT, OFFERED, *again)
    told.when(w.TakeHandOver, desk="Desk 3", handover="H1", name="another").refused(w.OfferedAnew)
    told.when(w.WithdrawHandOver, desk="Desk 3", handover="H1", name="somebody")
    told.refused(w.OfferedAnew)


def test_only_what_is_offered_is_taken_or_withdrawn():
    told = Story().given(SAT)
    told.when(w.TakeHandOver, desk="Desk 3", handover="H1", name="another").refused(WrongStep)
    told.when(w.WithdrawHandOver, desk="Desk 3", handover="H1").refused(WrongStep)


def test_whoever_offered_it_may_stay_and_nobody_else_says_so():
    told = Story().given(SAT, OFFERED)
    told.when(w.WithdrawHandOver, desk="Desk 3", handover="H1", name="another")
    told.refused(w.NotYourDesk)
    told.when(w.WithdrawHandOver, desk="Desk 3", handover="H1", name="somebody")
    told.then(w.HandOverWithdrawn(handover="H1", desk="Desk 3"))
    assert seat(told).state == "taken"


def test_two_who_take_it_at_once_are_one_who_has_it_and_one_who_is_told():
    centre = Centre()
    centre.done(w.SitDown, desk="Desk 3", name="ada")
    centre.done(w.OfferHandOver, desk="Desk 3", name="ada")
    take = {"desk": "Desk 3", "handover": "H1"}
    centre.done(w.TakeHandOver, name="bo", **take)
    assert isinstance(centre.refused(w.TakeHandOver, name="cy", **take), WrongStep)
    assert centre.state("handover").seat("Desk 3").by == "bo"


def test_what_is_told_to_the_next_lies_in_the_vault_and_nowhere_else():
    centre = Centre()
    centre.done(w.SitDown, desk="Desk 3", name="ada")
    centre.done(w.OfferHandOver, desk="Desk 3", words="mind the gate", name="ada")
    row = list(centre.store.rows())[-1]
    assert row.stream == "handover:H1"
    assert centre.store.unseal(row.position, "words") == "mind the gate"
    assert b"mind" not in row.body
    assert "mind" not in repr(centre.state("handover"))


def test_who_reads_it_at_another_desk_is_recorded_and_may_then_read_it():
    told = Story().given(SAT, OFFERED)
    assert words_at(seat(told), "another") == 0
    told.when(w.ReadHandOver, desk="Desk 3", handover="H1", name="another")
    told.then(w.HandOverRead(handover="H1", desk="Desk 3"))
    centre = Centre()
    centre.done(w.SitDown, desk="Desk 3", name="ada")
    centre.done(w.OfferHandOver, desk="Desk 3", words="mind the gate", name="ada")
    for reader in ("bo", "bo", "cy"):
        centre.done(w.ReadHandOver, desk="Desk 3", handover="H1", name=reader)
    there = centre.state("handover").seat("Desk 3")
    assert there.readers == ["bo", "cy"]
    assert [words_at(there, name) for name in ("ada", "bo", "cy", "di", "")] == [2, 2, 2, 0, 0]
    centre.done(w.TakeHandOver, desk="Desk 3", handover="H1", name="cy")
    assert [words_at(there, name) for name in ("ada", "bo", "cy")] == [0, 0, 2]
    centre.done(w.StandUp, desk="Desk 3", name="cy")
    assert [words_at(there, name) for name in ("ada", "bo", "cy", "")] == [0, 0, 0, 0]


def test_only_what_is_offered_now_is_read():
    told = Story().given(SAT)
    told.when(w.ReadHandOver, desk="Desk 3", handover="H1").refused(WrongStep)
    told = Story().given(SAT, OFFERED)
    told.when(w.ReadHandOver, desk="Desk 3", handover="H7").refused(w.OfferedAnew)


# -- views -----------------------------------------------------------------------------------


def test_the_longest_wait_comes_first_and_ones_own_desk_is_found():
    told = Story().given(
        SAT, w.SatDown(desk="Desk 1", session="c1"), OFFERED,
        w.HandOverOffered(handover="H2", desk="Desk 1"),
    )  # fmt: skip
    assert list(offered(state(told))) == ["Desk 3", "Desk 1"]
    assert seat_of(state(told), "Desk 3", "somebody") is seat(told)
    assert seat_of(state(told), "Desk 3", "another") is None
    assert desk_of(state(told), "somebody", "c1") == "Desk 1"
    assert desk_of(state(told), "somebody", "none") == ""
