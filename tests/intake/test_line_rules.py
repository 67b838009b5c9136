"""The line: hanging up, silence, texts, ringing back, and a call for elsewhere."""

from __future__ import annotations

import msgspec
import pytest

from answerable.dispatch.views import MOVES
from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.intake.state import CALL
from answerable.kernel.refusals import NotAllowed, Unknown, WrongStep
from answerable.towns.model import Agency, Town
from answerable.towns.titles import Title
from tests.story import PLACE, T0, US, Centre, Story, opened, toy_town

NO = "C200930001"
AGENCIES = (
    Agency("coast", Title(en="Coast Guard", zh="海岸警卫队"), "radio 16"),
    Agency("county", Title(en="County police", zh="县警察")),
)


def town() -> Town:
    """Return the toy town with two agencies that take calls over."""
    made = toy_town()
    file = msgspec.structs.replace(made.file, agencies=AGENCIES)
    return Town(file, tuple(made.units.values()), made.places)


def rung(**fields: object) -> i.CallRung:
    return i.CallRung(**{"call": NO, "line": "911-3", "number": "+1 415 555 0100", **fields})


ANSWERED = i.CallAnswered(call=NO)
SILENT, HUNG_UP = w.CallSilent(call=NO), w.CallHungUp(call=NO)
ABANDONED = i.CallAbandoned(call=NO)
OFFERED = w.CallTransferOffered(call=NO, agency="coast", reason="a boat adrift")


def call(*events: object) -> Story:
    """Return the story of a call that rang and of what happened to it then."""
    return Story(town()).given(rung(), *events)


def state(story: Story) -> str:
    return story.states["intake"].calls[NO].state


# -- claiming --------------------------------------------------------------------------------


def test_the_first_to_claim_has_the_call_and_the_second_hears_who_and_since_when():
    story = call().when(i.AnswerCall, call=NO, name="ann", desk="Desk 3")
    story.then(i.CallAnswered(call=NO, desk="Desk 3"))
    story.when(i.AnswerCall, call=NO, name="ben", desk="Desk 7").refused(
        w.CallTaken, call=NO, since="14:00:02",
        text="Not claimed: call C200930001. Desk 3 (somebody) has had it since 14:00:02. "
        "Leave it to them, or claim the next one that rings.",
    )  # fmt: skip


def test_who_claims_a_call_is_the_one_the_record_names():
    centre = Centre()
    centre.done(i.RingCall, role="line", call=NO)
    centre.done(i.AnswerCall, call=NO, name="ann")
    assert centre.refused(i.AnswerCall, call=NO, name="ben").by == "ann"


def test_a_call_that_nobody_has_any_more_is_not_said_to_be_taken():
    call(ABANDONED).when(i.AnswerCall, call=NO).refused(WrongStep, state="abandoned")


# -- hanging up ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("happened", "event", "after"),
    [
        ((), ABANDONED, "abandoned"),
        ((ANSWERED,), HUNG_UP, "hung up"),
        ((ANSWERED, SILENT), HUNG_UP, "hung up"),
        ((ANSWERED, OFFERED), HUNG_UP, "offered, hung up"),
        ((ANSWERED, opened(call=NO)), w.LineFreed(call=NO), "matched"),
    ],
)
def test_the_line_says_that_the_caller_hung_up_and_need_not_know_how_far_the_call_is(
    happened, event, after
):
    story = call(*happened).when(w.HangUp, role="line", call=NO).then(event)
    assert state(story) == after


@pytest.mark.parametrize(
    "over",
    [(ANSWERED, i.CallEnded(call=NO, reason="wrong number")), (ABANDONED,), (ANSWERED, HUNG_UP)],
)
def test_a_call_that_is_over_has_nothing_more_to_say(over):
    call(*over).when(w.HangUp, role="line", call=NO).then()


def test_a_caller_who_hung_up_after_the_answer_stays_to_be_dealt_with():
    assert "hung up" not in CALL.last
    story = call(ANSWERED, HUNG_UP)
    assert story.states["board"].calls[NO].state == "hung up"
    story.when(i.EndCall, call=NO, reason="not reached").then(
        i.CallEnded(call=NO, reason="not reached")
    )
    assert NO not in story.states["board"].calls


# -- silence ---------------------------------------------------------------------------------


def test_a_silent_call_may_become_an_incident_or_end_with_a_reason():
    call(ANSWERED).when(w.MarkSilent, call=NO).then(SILENT)
    call().when(w.MarkSilent, call=NO).refused(WrongStep, state="ringing")
    story = call(ANSWERED, SILENT).when(i.OpenIncident, call=NO, **PLACE)
    assert state(story) == "matched"
    call(ANSWERED, SILENT).when(i.EndCall, call=NO, reason="a pocket dialled").then(
        i.CallEnded(call=NO, reason="a pocket dialled")
    )


# -- ringing back ----------------------------------------------------------------------------


def test_an_abandoned_call_is_rung_back_and_every_attempt_is_counted():
    story = call(ABANDONED).when(w.TryCallBack, call=NO, outcome="no answer")
    story.then(w.CallBackTried(call=NO, attempt=1, outcome="no answer"))
    story.when(w.TryCallBack, call=NO, outcome="busy")
    story.then(w.CallBackTried(call=NO, attempt=2, outcome="busy"))
    assert state(story) == "abandoned"


def test_a_caller_who_is_reached_is_an_answered_call_and_may_lead_to_an_incident():
    story = call(ABANDONED).when(w.TryCallBack, call=NO, outcome="reached")
    story.then(w.CallerReached(call=NO, attempt=1))
    assert (state(story), story.states["board"].calls[NO].state) == ("answered", "answered")
    assert NO not in story.states["board"].over
    story.when(i.OpenIncident, call=NO, **PLACE)
    assert state(story) == "matched"


def test_an_answered_call_is_not_rung_back_and_one_without_a_number_cannot_be():
    call(ANSWERED).when(w.TryCallBack, call=NO, outcome="busy").refused(WrongStep)
    story = Story().given(rung(number=""), ABANDONED)
    story.when(w.TryCallBack, call=NO, outcome="reached").refused(
        w.NoNumber,
        text="Not done: intake.TryCallBack for call C200930001. The line gave no number for it. "
        "Open an incident with what is known, or end the call with the reason.",
    )


def test_a_caller_who_cannot_be_reached_is_given_up_with_the_reason():
    story = call(ABANDONED).when(i.EndCall, call=NO, reason="three attempts, nobody there")
    assert (state(story), story.states["board"].calls) == ("ended", {})


# -- texts -----------------------------------------------------------------------------------


def test_a_text_rings_is_taken_and_answered_and_its_words_stand_in_no_state():
    story = Story().when(i.RingCall, role="line", call=NO, medium="text")
    story.then(i.CallRung(call=NO, medium="text"))
    story.when(w.TakeText, role="line", call=NO, words="help at the pier")
    story.then(w.TextTaken(call=NO, words="help at the pier"))
    story.when(i.AnswerCall, call=NO)
    story.when(w.TextCaller, call=NO, words="where on the pier?")
    story.then(w.CallerTexted(call=NO, words="where on the pier?"))
    assert b"pier" not in story.rooms.pack(story.states)


def test_a_silent_caller_may_be_written_to_where_the_line_gave_a_number():
    call(ANSWERED, SILENT).when(w.TextCaller, call=NO, words="do you need help?").then(
        w.CallerTexted(call=NO, words="do you need help?")
    )
    story = Story().given(rung(number=""), ANSWERED)
    story.when(w.TextCaller, call=NO, words="hello").refused(w.NoNumber)


def test_who_writes_after_hanging_up_is_a_caller_again():
    story = call(ANSWERED, HUNG_UP).when(w.TakeText, role="line", call=NO, words="I can talk now")
    assert state(story) == "answered"
    story = call(ABANDONED).when(w.TakeText, role="line", call=NO, words="please come")
    assert (state(story), story.states["board"].calls[NO].state) == ("ringing", "ringing")
    story.when(i.AnswerCall, call=NO).then(ANSWERED)


def test_a_text_after_the_end_is_a_new_call():
    story = call(ANSWERED, i.CallEnded(call=NO, reason="over"))
    story.when(w.TakeText, role="line", call=NO, words="again").refused(WrongStep, state="ended")


# -- a call for elsewhere --------------------------------------------------------------------


def test_a_call_for_elsewhere_is_ours_until_the_other_side_gives_a_receipt():
    story = (
        call(ANSWERED)
        .when(w.TransferCall, call=NO, agency="coast", reason="a boat adrift")
        .then(OFFERED)
    )
    assert story.states["board"].calls[NO].state == "offered"
    story.when(w.ConfirmTransfer, call=NO, receipt="M-17").then(
        w.CallTransferred(call=NO, agency="coast", receipt="M-17")
    )
    assert (state(story), NO in story.states["board"].calls) == ("transferred", False)
    assert NO in story.states["board"].over
    story.when(i.EndCall, call=NO, reason="again").refused(WrongStep, state="transferred")


def test_a_transfer_that_is_declined_comes_back_to_us():
    story = call(ANSWERED, OFFERED).when(w.DeclineTransfer, call=NO, reason="not our waters")
    story.then(w.CallTransferDeclined(call=NO, agency="coast", reason="not our waters"))
    assert state(story) == "answered"
    story.when(w.DeclineTransfer, call=NO, reason="twice").refused(WrongStep, state="answered")


def test_a_caller_who_hung_up_meanwhile_is_still_one_who_hung_up_when_it_comes_back():
    story = call(ANSWERED, OFFERED, HUNG_UP)
    story.when(w.DeclineTransfer, call=NO, reason="not our waters")
    assert (state(story), story.states["board"].calls[NO].state) == ("hung up", "hung up")


def test_only_an_agency_of_the_towns_list_can_be_asked():
    call(ANSWERED).when(w.TransferCall, call=NO, agency="navy", reason="a boat").refused(
        w.UnknownAgency,
        text="Not offered: call C200930001 to navy. The town's list of agencies does not have it. "
        "Choose one of: coast, county.",
    )
    Story().given(rung(), ANSWERED).when(
        w.TransferCall, call=NO, agency="coast", reason="a boat"
    ).refused(w.UnknownAgency, possible="none; name them in the town's file")


# -- who reads -------------------------------------------------------------------------------


def test_a_reading_of_number_and_texts_is_recorded_and_counts_for_an_hour():
    centre = Centre()
    centre.done(i.RingCall, role="line", call=NO, number="555")
    centre.done(w.HangUp, role="line", call=NO)
    centre.done(w.ReadCall, call=NO, name="ann")
    [until] = centre.state("intake").calls[NO].reads.items()
    assert until == ("ann", T0 + 3600 * US)
    centre.tick(3600).done(w.ReadCall, call=NO, name="ben")
    assert list(centre.state("intake").calls[NO].reads) == ["ben"]


def test_a_call_with_an_incident_is_read_there():
    call(ANSWERED, opened(call=NO)).when(w.ReadCall, call=NO).refused(WrongStep, state="matched")


# -- rights, unknown calls, and the tables ---------------------------------------------------

NOBODY = [
    (w.HangUp, "line", {}), (w.MarkSilent, "dispatcher", {}), (w.ReadCall, "dispatcher", {}),
    (w.TryCallBack, "dispatcher", {"outcome": "busy"}), (w.TakeText, "line", {"words": "x"}),
    (w.TextCaller, "dispatcher", {"words": "x"}),
    (w.TransferCall, "dispatcher", {"agency": "coast", "reason": "no"}),
    (w.ConfirmTransfer, "dispatcher", {"receipt": "x"}),
    (w.DeclineTransfer, "dispatcher", {"reason": "no"}),
]  # fmt: skip


@pytest.mark.parametrize(("command", "role", "fields"), NOBODY)
def test_a_call_nobody_knows_is_refused(command, role, fields):
    Story().when(command, role=role, call="x", **fields).refused(Unknown, what="call", name="x")
    assert {command for command, _, _ in NOBODY} == set(w.COMMANDS)


@pytest.mark.parametrize(
    ("command", "role", "fields"),
    [
        (w.TakeText, "call_taker", {"words": "x"}),
        (w.TextCaller, "line", {"words": "x"}),
        (w.ReadCall, "line", {}),
        (w.TransferCall, "importer", {"agency": "coast", "reason": "no"}),
    ],
)
def test_a_line_delivers_and_a_desk_answers_and_neither_does_the_others_part(command, role, fields):
    call(ANSWERED).when(command, role=role, call=NO, **fields).refused(NotAllowed)


def test_the_board_takes_a_call_where_its_life_takes_it():
    """The board has a table of its own; it may never differ from the life of a call."""
    ours = (w.CallSilent, w.CallHungUp, w.CallerReached, w.TextTaken, w.CallTransferOffered,
            w.CallTransferDeclined)  # fmt: skip
    moves = {(at, event): to for (at, event), to in CALL.table.items()
             if event in ours and at != to}  # fmt: skip
    assert moves == MOVES


def test_every_call_that_was_answered_ends_in_an_outcome():
    """I2: from every state after the answer only an outcome is a place to rest."""
    reached, edge = {"answered"}, ["answered"]
    while edge:
        at = edge.pop()
        for (here, _event), to in CALL.table.items():
            if here == at and to not in reached:
                reached.add(to)
                edge.append(to)
    assert reached & CALL.last == {"matched", "ended", "transferred"}
    assert not reached & {"new", "ringing", "abandoned"}
