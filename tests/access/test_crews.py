"""An account acts for a unit only where it was given, and each of its sessions for one of them."""

from __future__ import annotations

import pytest

from answerable.access import crew_words as c
from answerable.access import words as w
from answerable.kernel.refusals import NotAllowed, Unknown, WrongStep
from tests.story import Centre, Story, said

NAME, SESSION = "engine.one", "0123456789ab"


def ready(*units: str, role: str = "crew") -> Story:
    """An account that is signed in, with units given to it."""
    story = Story().given(
        w.AccountOpened(account=NAME, role=role),
        w.PasswordSet(account=NAME, credential="0" * 32),
        w.SignedIn(account=NAME, session=SESSION, way=w.Way.PASSWORD),
    )
    return story.given(c.UnitsGiven(account=NAME, units=units)) if units else story


def take(story: Story, on: str, *, name: str = NAME, session: str = SESSION) -> Story:
    return story.when(c.TakeUnit, role="crew", name=name, account=NAME, session=session, on=on)


def unit_of(story: Story) -> str:
    return story.states["access"].accounts[NAME].unit_of(SESSION)


def test_an_administrator_gives_units_and_a_session_takes_one():
    story = ready().when(c.GiveUnits, role="administrator", account=NAME, units=("E1", "E2", "E1"))
    story.then(c.UnitsGiven(account=NAME, units=("E1", "E2")))
    assert said(story.events[0]) == "The account engine.one may act for E1, E2."
    take(story, "E2").then(c.UnitTaken(account=NAME, session=SESSION, on="E2"))
    assert said(story.events[0]) == "engine.one acts for E2."
    assert unit_of(story) == "E2"
    assert unit_of(take(story, "E1")) == "E1", "the last one taken counts"


def test_it_stands_under_the_account_not_under_the_unit():
    assert take(ready("E1"), "E1").rows[-1].stream == f"account:{NAME}"


def test_a_unit_that_was_taken_away_is_acted_for_no_more():
    story = take(ready("E1"), "E1").given(c.UnitsGiven(account=NAME, units=("E2",)))
    assert unit_of(story) == ""
    assert said(c.UnitsGiven(account=NAME, none="no unit")) == (
        "The account engine.one may act for no unit."
    )


def test_a_session_that_ended_leaves_no_unit_behind():
    story = take(ready("E1"), "E1").given(
        w.SignedOut(account=NAME, session=SESSION, why=w.Ended.ASKED),
        w.SignedIn(account=NAME, session="ba9876543210", way=w.Way.PASSWORD),
    )
    take(story, "E1", session="ba9876543210")
    assert story.states["access"].accounts[NAME].on == {"ba9876543210": "E1"}


def test_only_the_account_itself_takes_a_unit_for_its_own_open_session():
    take(ready("E1"), "E1", name="somebody.else").refused(w.OnlyItself, what="unit")
    take(ready("E1"), "E1", session="ba9876543210").refused(Unknown, what="session")
    ready().when(
        c.TakeUnit, role="crew", name="no.body", account="no.body", session=SESSION, on="E1"
    ).refused(Unknown, what="account")


@pytest.mark.parametrize("role", ["crew", "dispatcher", "supervisor"])
def test_nobody_but_an_administrator_gives_units(role):
    ready().when(c.GiveUnits, role=role, account=NAME, units=("E1",)).refused(NotAllowed)


def test_a_closed_account_is_given_no_units():
    story = ready().given(w.AccountClosed(account=NAME, reason="left"))
    story.when(c.GiveUnits, role="administrator", account=NAME, units=("E1",)).refused(WrongStep)


def test_a_unit_that_was_not_given_is_refused_in_three_parts():
    take(ready("E1", "E2"), "E3").refused(
        c.NotGivenUnit,
        text="Not chosen: unit E3. The account engine.one may act for E1, E2. "
        "Choose one of those, or ask an administrator to add it.",
    )
    take(ready(), "E3").refused(
        c.NotGivenUnit,
        text="Not chosen: unit E3. The account engine.one may act for no unit. "
        "Choose one of those, or ask an administrator to add it.",
    )


def test_units_are_there_again_after_a_restart():
    town = Centre()
    town.done(w.OpenAccount(key="open-1", account=NAME, role="crew"), role="administrator")
    town.done(c.GiveUnits(key="give-1", account=NAME, units=("E1",)), role="administrator")
    for use_snapshot in (True, False):
        account = town.restart(use_snapshot=use_snapshot).state("access").accounts[NAME]
        assert account.units == ("E1",)
