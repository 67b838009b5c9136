"""Given editions of run cards, when this is asked, then these cards hold (or this refusal)."""

from __future__ import annotations

import msgspec
import pytest

from answerable.kernel.refusals import Unknown
from answerable.towns import words as w
from answerable.towns.model import Alarm, Need, RunCard
from answerable.towns.rules import AHEAD_DAYS_MAX, CARDS_MAX, PLANS_MAX, State, digest_of
from answerable.towns.sending import CoverRule, Expected, Sending, Staffing
from tests.story import T0, US, Story, toy_town

HOUR = 3600 * US
ENGINE = RunCard("A", (Need(("ENGINE",)),))
TRUCK = RunCard("B", (Need(("TRUCK",), 2),))
ANY_ENGINE, ANY_TRUCK = (ENGINE,), (TRUCK,)


def adopted(edition: int, cards: tuple[RunCard, ...], from_us: int) -> w.RunCardsAdopted:
    return w.RunCardsAdopted(
        edition=edition, digest=digest_of(cards), from_us=from_us, cards=cards, reason="why"
    )


def story(*events) -> Story:
    return Story().given(*events)


def when(told: Story, cards: tuple[RunCard, ...], **fields) -> Story:
    fields = {"reason": "winter", **fields}
    return told.when(w.AdoptRunCards, role="administrator", cards=cards, **fields)


def state(told: Story) -> State:
    found: State = told.states["towns"]
    return found


# -- what holds when -------------------------------------------------------------------------


def test_cards_without_a_time_hold_at_once_and_stand_word_for_word_in_the_event():
    told = when(story(), ANY_ENGINE)
    [event] = told.events
    assert event == w.RunCardsAdopted(
        edition=1, digest=digest_of(ANY_ENGINE), from_us=told.now_us, cards=ANY_ENGINE,
        reason="winter",
    )  # fmt: skip
    assert state(told).cards_at(told.now_us) == ANY_ENGINE


def test_a_planned_edition_holds_from_its_time_and_not_a_moment_before():
    told = when(story(adopted(1, ANY_ENGINE, T0)), ANY_TRUCK, from_us=T0 + HOUR)
    assert told.events[0].edition == 2
    assert state(told).cards_at(T0 + HOUR - 1) == ANY_ENGINE
    assert state(told).cards_at(T0 + HOUR) == ANY_TRUCK


def test_editions_hold_in_the_order_of_their_times_however_they_were_adopted():
    told = story(
        adopted(1, ANY_ENGINE, T0), adopted(2, ANY_TRUCK, T0 + 3 * HOUR),
        adopted(3, (ENGINE, TRUCK), T0 + HOUR),
    )  # fmt: skip
    held = [state(told).held_at(T0 + hours * HOUR).edition for hours in (0, 1, 2, 3)]
    assert held == [1, 3, 3, 2]


def test_the_first_card_that_fits_is_used():
    fire = RunCard("F", (Need(("TRUCK",)),), kinds=("Fire",))
    told = story(adopted(1, (fire, ENGINE), T0))
    assert state(told).card_for("Fire", "3", T0) == fire
    assert state(told).card_for("Medical", "3", T0) == ENGINE


def test_a_clock_put_back_before_the_first_edition_still_finds_somebody_to_send():
    assert state(story(adopted(1, ANY_ENGINE, T0))).cards_at(T0 - 24 * HOUR) == ANY_ENGINE


def test_where_nothing_was_adopted_no_card_holds():
    assert state(story()).cards_at(T0) == ()
    assert state(story()).card_for("Fire", "3", T0) is None


def test_what_no_longer_holds_is_forgotten_so_that_the_state_stays_small():
    told = story(*(adopted(n, (ENGINE,) if n % 2 else (TRUCK,), T0 + n) for n in range(1, 40)))
    assert len(state(told).editions) <= 2
    assert state(told).last_edition == 39


def test_the_state_survives_a_snapshot():
    told = story(adopted(1, ANY_ENGINE, T0), adopted(2, ANY_TRUCK, T0 + HOUR))
    body = msgspec.msgpack.encode(state(told))
    assert msgspec.msgpack.decode(body, type=State) == state(told)


# -- refusals of an adoption -----------------------------------------------------------------


def test_a_time_that_has_passed_is_refused():
    told = story()
    when(told, ANY_ENGINE, from_us=told.now_us - 5 * US).refused(w.FromThePast, ago_s=6)


def test_an_adoption_recorded_late_does_not_hold_for_the_past():
    told = when(story(), ANY_ENGINE, at=T0 - HOUR)
    assert told.events[0].from_us == told.now_us


def test_a_plan_too_far_ahead_is_refused():
    told = when(story(), ANY_ENGINE, from_us=T0 + (AHEAD_DAYS_MAX + 1) * 24 * HOUR)
    told.refused(w.TooFarAhead, days=AHEAD_DAYS_MAX + 1, days_max=AHEAD_DAYS_MAX)


def test_no_card_at_all_is_refused():
    when(story(), ()).refused(w.NoCards)


def test_too_many_cards_are_refused():
    many = tuple(RunCard(f"C{n}", (Need(("ENGINE",)),)) for n in range(CARDS_MAX + 1))
    when(story(), many).refused(w.TooManyCards, cards=CARDS_MAX + 1, cards_max=CARDS_MAX)


def test_cards_larger_than_an_event_may_be_are_refused_not_a_fault():
    many = tuple(RunCard(f"{n:064}", (Need(("ENGINE",)),) * 4) for n in range(400))
    when(story(), many).refused(w.TooManyCards, cards=400)


def test_two_cards_of_one_code_are_refused():
    when(story(), (ENGINE, ENGINE)).refused(w.TwoOfOneCode, card="A")


@pytest.mark.parametrize(
    ("card", "what", "name"),
    [
        (RunCard("K", (Need(("ENGINE",)),), kinds=("Fyre",)), "kind", "Fyre"),
        (RunCard("P", (Need(("ENGINE",)),), priorities=("9",)), "priority", "9"),
        (RunCard("T", (Need(("ENGINE", "AIRSHIP")),)), "type of unit", "AIRSHIP"),
    ],
)
def test_what_the_town_does_not_have_is_refused_with_what_it_has(card, what, name):
    told = when(story(), (ENGINE, card)).refused(w.NotInTown, card=card.code, what=what, name=name)
    assert told.outcome.known


def test_a_town_without_a_list_of_priorities_takes_any():
    town = toy_town()
    town.file = msgspec.structs.replace(town.file, priorities=())
    card = RunCard("P", (Need(("ENGINE",)),), priorities=("9",))
    assert when(Story(town), (card,)).events


def test_too_many_plans_are_refused():
    plans = [adopted(n + 2, (RunCard(f"P{n}", ENGINE.needs),), T0 + (n + 1) * HOUR)
             for n in range(PLANS_MAX)]  # fmt: skip
    told = story(adopted(1, ANY_ENGINE, T0), *plans)
    when(told, ANY_TRUCK, from_us=T0 + 90 * HOUR).refused(w.TooManyPlans, plans=PLANS_MAX)
    assert when(told, ANY_TRUCK).events, "what holds at once is no plan"


def test_two_plans_for_one_moment_are_refused():
    told = story(adopted(1, ANY_ENGINE, T0), adopted(2, ANY_TRUCK, T0 + HOUR))
    when(told, (ENGINE, TRUCK), from_us=T0 + HOUR).refused(w.SameMoment, edition=2)


def test_cards_that_would_hold_then_anyway_are_refused():
    told = story(adopted(1, ANY_ENGINE, T0), adopted(2, ANY_TRUCK, T0 + HOUR))
    when(told, ANY_ENGINE).refused(w.AlreadyInForce, edition=1)
    when(told, ANY_TRUCK, from_us=T0 + 2 * HOUR).refused(w.AlreadyInForce, edition=2)
    assert when(told, ANY_TRUCK).events, "before the plan's time they do not hold yet"


def test_only_who_is_given_it_may_adopt_run_cards():
    for role in ("dispatcher", "supervisor", "call_taker", "crew", "reader"):
        told = story().when(w.AdoptRunCards, role=role, cards=ANY_ENGINE, reason="mine")
        assert type(told.outcome).__name__ == "NotAllowed", role


# -- withdrawing -----------------------------------------------------------------------------


def withdraw(told: Story, edition: int) -> Story:
    return told.when(w.WithdrawRunCards, role="administrator", edition=edition, reason="too early")


def test_a_plan_can_be_withdrawn_and_then_never_holds():
    told = withdraw(story(adopted(1, ANY_ENGINE, T0), adopted(2, ANY_TRUCK, T0 + HOUR)), 2)
    told.then(w.RunCardsWithdrawn(edition=2, reason="too early"))
    assert state(told).cards_at(T0 + 2 * HOUR) == ANY_ENGINE
    assert when(told, ANY_TRUCK).events[0].edition == 3, "a number is never given twice"


def test_what_holds_cannot_be_withdrawn():
    told = story(adopted(1, ANY_ENGINE, T0), adopted(2, ANY_TRUCK, T0 + 2 * US))
    withdraw(told, 2).refused(w.HoldsAlready, edition=2)


def test_the_only_edition_cannot_be_withdrawn_even_before_its_time():
    withdraw(story(adopted(1, ANY_ENGINE, T0 + HOUR)), 1).refused(w.HoldsAlready, since_s=0)


def test_an_edition_there_is_not_cannot_be_withdrawn():
    withdraw(story(adopted(1, ANY_ENGINE, T0)), 7).refused(Unknown, what="edition", name="7")


# -- the town's files ------------------------------------------------------------------------

ROADS = w.FileDigest("streets.geojson.gz", "a" * 64)
UNITS = w.FileDigest("units.csv", "b" * 64)


def test_files_are_noted_with_what_is_new_changed_and_gone():
    told = story(w.TownFilesNoted(files=(ROADS, UNITS)))
    other = w.FileDigest("streets.geojson.gz", "c" * 64)
    more = w.FileDigest("areas.toml", "d" * 64)
    told.when(w.NoteFiles, role="system", files=(other, more))
    told.then(
        w.TownFilesNoted(
            files=(more, other), changed=("areas.toml", "streets.geojson.gz"), gone=("units.csv",)
        )
    )
    assert state(told).files == {"areas.toml": "d" * 64, "streets.geojson.gz": "c" * 64}


def test_the_same_files_are_not_noted_again():
    told = story(w.TownFilesNoted(files=(ROADS,)))
    told.when(w.NoteFiles, role="system", files=(ROADS,)).refused(w.SameFiles)


def test_nobody_but_the_program_notes_files():
    for role in ("administrator", "supervisor"):
        told = story().when(w.NoteFiles, role=role, files=(ROADS,))
        assert type(told.outcome).__name__ == "NotAllowed"


# -- what is adopted beside the cards --------------------------------------------------------

CREWS = Sending(staffing=(Staffing("ENGINE", 3),))


def test_the_rules_beside_the_cards_are_adopted_and_hold_with_them():
    told = when(story(adopted(1, ANY_ENGINE, T0)), ANY_ENGINE, sending=CREWS, from_us=T0 + HOUR)
    [event] = told.events
    assert event.sending == CREWS
    assert event.digest == digest_of(ANY_ENGINE, CREWS) != digest_of(ANY_ENGINE)
    assert state(told).sending_at(T0 + HOUR - 1) == Sending()
    assert state(told).sending_at(T0 + HOUR) == CREWS


def test_where_nothing_was_adopted_no_rule_holds():
    assert state(story()).sending_at(T0) == Sending()


def test_the_same_cards_with_other_rules_are_something_new_and_with_the_same_are_not():
    told = story(
        w.RunCardsAdopted(
            edition=1, digest=digest_of(ANY_ENGINE, CREWS), from_us=T0, cards=ANY_ENGINE,
            sending=CREWS, reason="why",
        )
    )  # fmt: skip
    when(told, ANY_ENGINE, sending=CREWS).refused(w.AlreadyInForce, edition=1)
    assert when(told, ANY_ENGINE).events


def test_cards_that_say_nothing_new_keep_the_digest_they_always_had():
    """Editions that were adopted before areas, levels and rules are still known by their digest."""
    assert digest_of((RunCard("A", (Need(("ENGINE",)),)),)) == (
        "50a0e1deea81fbc84e829be6d45adaa8b0ef720c246d6417f4251079e84a0dcb"
    )


def test_a_card_for_areas_holds_there_and_the_next_one_elsewhere():
    core = RunCard("C", (Need(("TRUCK",)),), areas=("core",))
    told = story(adopted(1, (core, ENGINE), T0))
    assert state(told).card_for("Fire", "3", T0, ("Old Town", "B01", "core")) == core
    assert state(told).card_for("Fire", "3", T0, ("Rim", "B02", "outer")) == ENGINE
    assert state(told).card_for("Fire", "3", T0) == ENGINE


class Named:
    """Places that know what they are called."""

    area_names = ("Old Town", "Rim", "B01", "core")
    station_ids = ("1", "2")


@pytest.mark.parametrize(
    ("sending", "what", "name"),
    [
        (Sending(staffing=(Staffing("AIRSHIP", 3),)), "type of unit", "AIRSHIP"),
        (Sending(expected=Expected(("MEDIC",), 60, demand={"Rmi": 1.0})), "area", "Rmi"),
        (Sending(cover=(CoverRule("c", ("ENGINE",), 60, each="station", only=("7",)),)),
         "station", "7"),
        (Sending(cover=(CoverRule("c", ("ENGINE",), 60, only=("B09",)),)), "battalion", "B09"),
    ],
)  # fmt: skip
def test_a_rule_about_what_the_town_does_not_have_is_refused(sending, what, name):
    town = toy_town()
    town.places = Named()
    told = when(Story(town), ANY_ENGINE, sending=sending)
    told.refused(w.RuleNotInTown, what=what, name=name)
    assert told.outcome.known


def test_a_level_or_an_area_the_town_does_not_have_is_refused_with_its_card():
    town = toy_town()
    town.places = Named()
    level = RunCard("L", (Need(("ENGINE",)),), alarms=(Alarm(2, (Need(("AIRSHIP",)),)),))
    area = RunCard("R", (Need(("ENGINE",)),), areas=("Rmi",))
    when(Story(town), (level,)).refused(w.NotInTown, card="L", name="AIRSHIP")
    when(Story(town), (area,)).refused(w.NotInTown, card="R", what="area", name="Rmi")


def test_two_rules_of_cover_under_one_code_are_none():
    rule = CoverRule("c", ("ENGINE",), 60)
    with pytest.raises(ValueError, match="same code"):
        Sending(cover=(rule, rule))
