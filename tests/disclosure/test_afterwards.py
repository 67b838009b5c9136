"""What a receipt shows of what comes after "closed", and whose business it is."""

from __future__ import annotations

from typing import Any

import pytest

from answerable.disclosure.afterwards import EXPECTS, STEPS, Afterwards, Expected
from answerable.followup import back_words as back
from answerable.followup import right_words as right
from answerable.kernel.event import Event
from answerable.matters import matter_words as matter
from answerable.matters import referral_words as referral

MINE, THEIRS, INCIDENT = "C200930001", "C200930002", "200930001"


def called(cls: type[Event], call: str = MINE, **more: Any) -> Event:
    return cls(incident=INCIDENT, call=call, **more)


def due(call: str = MINE, from_us: int = 7) -> Event:
    return called(back.CallBackDue, call, day="20094", from_us=from_us, kind="Alarms")


def opened(call: str = MINE, number: str = "1") -> Event:
    return right.PutRightOpened(
        incident=INCIDENT, right=f"{INCIDENT}R{number}", reason=right.Why.SPEED, due_us=50,
        human_due_us=20, call=call,
    )  # fmt: skip


def righted(cls: type[Event], number: str = "1", **more: Any) -> Event:
    return cls(incident=INCIDENT, right=f"{INCIDENT}R{number}", **more)


def referred(cls: type[Event], number: str = "1", **more: Any) -> Event:
    return cls(incident=INCIDENT, referral=f"{INCIDENT}F{number}", agency="works", **more)


def told(*events: Event, call: str = MINE) -> tuple[list[str], tuple[Expected, ...]]:
    """Return the steps that are said, and what may be expected in the end."""
    after = Afterwards(call)
    return [step for event in events if (step := after.take(event))], after.expected()


def test_a_caller_is_told_that_they_are_to_be_asked_and_that_they_were():
    assert told(due()) == (["to be asked"], (Expected("asked", 7),))
    assert told(due(), called(back.CallBackAnswered, overall=4)) == (["to be asked", "asked"], ())


@pytest.mark.parametrize("over", [
    called(back.CallBackHeld), called(back.CallBackBarred, reason="a child", day="20094"),
    called(back.CallBackDeclined), called(back.CallBackUnreachable, tries=3),
], ids=lambda event: type(event).__name__)  # fmt: skip
def test_nobody_is_promised_a_call_that_will_not_come(over):
    assert told(due(), over)[1] == ()


@pytest.mark.parametrize("slip", [
    called(back.CallBackAnswered, overall=4), called(back.CallBackDeclined),
    called(back.CallBackUnreachable, tries=3),
], ids=lambda event: type(event).__name__)  # fmt: skip
def test_a_caller_who_was_not_asked_after_all_is_told_that_they_are_to_be(slip):
    back_again = called(back.CallBackTakenBack, what=type(slip).__name__, reason="the wrong line")
    steps, expected = told(due(), slip, back_again)
    assert steps[-1] == "to be asked"
    assert expected == (Expected("asked", 0),)


def test_an_attempt_taken_back_is_no_step_of_the_caller():
    slip = called(back.CallBackTakenBack, what="CallBackTried", reason="the wrong line")
    assert told(due(), slip) == (["to be asked"], (Expected("asked", 0),))


def test_a_call_that_was_put_off_is_expected_later():
    later = called(back.CallBackDeferred, until_us=90)
    assert told(due(), later)[1] == (Expected("asked", 90),)


def test_why_somebody_is_not_rung_is_not_told():
    """Whoever holds number and code may not be who called."""
    assert told(called(back.CallBackBarred, reason="safety at risk", day="20094")) == ([], ())


def test_what_another_caller_of_the_matter_was_unhappy_about_is_not_told():
    events = (
        due(THEIRS), called(back.CallBackAnswered, THEIRS, overall=1), opened(THEIRS),
        righted(right.HumanSpoke), righted(right.DonePutRight, what=right.What.EXPLAINED),
    )  # fmt: skip
    assert told(*events) == ([], ())
    assert told(*events, call="") == ([], ())


def test_two_callers_matters_are_kept_apart():
    steps, expected = told(opened(THEIRS, "1"), opened(MINE, "2"), righted(right.HumanSpoke, "1"))
    assert steps == ["to be put right"]
    assert expected == (Expected("human", 20), Expected("righted", 50))


def test_putting_right_is_told_from_its_opening_to_its_end():
    story = [opened(), righted(right.HumanSpoke)]
    assert told(*story)[1] == (Expected("righted", 50),)
    story += [righted(right.SentToOversight, reason="still unhappy"), righted(right.HumanSpoke)]
    assert told(*story)[1] == (Expected("oversight", 0),)
    story += [righted(right.ReturnedFromOversight, reason="ask again", due_us=80)]
    assert told(*story)[1] == (Expected("righted", 80),)
    story += [righted(right.DonePutRight, what=right.What.APOLOGISED)]
    assert told(*story)[1] == (Expected("again", 0),)
    story += [righted(right.PutRightClosed, end=right.Ending.HAPPY)]
    steps, expected = told(*story)
    assert steps == [
        "to be put right", "spoken with", "with oversight", "spoken with", "to be put right",
        "done about it", "righting over",
    ]  # fmt: skip
    assert expected == ()


def test_a_referral_is_told_to_every_caller_until_it_comes_back():
    sent = referred(referral.Referred, answer_due_us=30)
    taken = referred(referral.ReferralAccepted, expected_us=60)
    over = referred(referral.ReferralReturned, result=referral.Result.DONE)
    assert told(sent, call=THEIRS) == (["referred"], (Expected("agency", 30),))
    assert told(sent, taken)[1] == (Expected("agency", 60),)
    assert told(sent, taken, over) == (["referred", "referral taken", "referral back"], ())


def test_the_soonest_answer_of_several_agencies_is_expected():
    both = (referred(referral.Referred, "1", answer_due_us=90),
            referred(referral.Referred, "2", answer_due_us=40))  # fmt: skip
    assert told(*both)[1] == (Expected("agency", 40),)
    untimed = referred(referral.ReferralAccepted, "2")
    assert told(*both, untimed)[1] == (Expected("agency", 90),)


def test_nothing_that_comes_after_is_called_solved():
    """B16, in the words of the page too."""
    from answerable.console.public.receipt import EXPECTS as WORDS
    from answerable.console.public.receipt import STEPS as SAID

    assert set(STEPS) <= set(SAID)
    assert set(EXPECTS) <= set(WORDS)
    said = " ".join([*SAID.values(), *(part for pair in WORDS.values() for part in pair)])
    assert "solved" not in said.lower()


# -- the term of a tracked matter ------------------------------------------------------------


def timed(term_us: int, number: str = "M1") -> Event:
    return matter.MatterTimed(matter=number, norm_us=1, term_us=term_us)


def extended(number: str = "M1") -> Event:
    return matter.MatterExtended(matter=number, days=14, reason="the surveyor is away")


def test_a_term_is_spoken_of_once_it_was_extended_and_its_last_date_counts():
    assert told(timed(10)) == ([], ())
    steps, expects = told(timed(10), extended(), timed(20), extended(), timed(30))
    assert steps == ["term extended", "term extended"]
    assert expects == (Expected("term", 30),)


def test_a_term_that_runs_on_after_a_standstill_is_no_further_extension():
    still = matter.MatterSuspended(matter="M1", reason="x", until_us=5)
    assert told(timed(10), extended(), timed(20), still)[1] == ()
    steps, expects = told(timed(10), extended(), timed(20), still, timed(25))
    assert (steps, expects) == (["term extended"], (Expected("term", 25),))


@pytest.mark.parametrize("over", [
    matter.MatterFinished(matter="M1", came_to="done", words="", due_us=9),
    matter.MatterSignedOff(matter="M1"),
], ids=lambda event: type(event).__name__)  # fmt: skip
def test_nothing_is_expected_of_a_term_that_was_kept(over):
    assert told(timed(10), extended(), timed(20), over)[1] == ()
    again = matter.MatterReopened(matter="M1", reason="x")
    assert told(timed(10), extended(), timed(20), over, again, timed(90)) == (["term extended"], ())


def test_of_several_extended_terms_the_last_to_end_is_told():
    assert told(extended(), timed(20), extended("M2"), timed(50, "M2"))[1] == (
        Expected("term", 50),
    )
