"""The script of a call: answers and instructions, and what is refused, word for word."""

from __future__ import annotations

import pytest

from answerable.intake import script_words as w
from answerable.intake import words as intake
from answerable.kernel.event import Mark, marks_of
from answerable.kernel.refusals import NotAllowed, Unknown, WrongStep
from tests.story import PLACE, SCRIPT, Story, opened

INC = "200930001"


def story() -> Story:
    return Story()


def answered(question: str = "out", answer: str = "no") -> w.QuestionAnswered:
    return w.QuestionAnswered(incident=INC, question=question, answer=answer)


def asked(told: Story) -> tuple[list[str], list[str]]:
    known = told.states["intake"].incidents[INC]
    return known.asked, known.told


def test_an_answer_is_recorded_with_its_words_and_the_question_counts_as_asked():
    told = story().given(opened()).when(w.AnswerQuestion, incident=INC, question="out", answer="no")
    told.then(answered())
    assert asked(told) == (["out"], [])


def test_an_instruction_read_out_is_recorded_by_its_code():
    told = story().given(opened()).when(w.GiveInstruction, incident=INC, instruction="low")
    told.then(w.InstructionGiven(incident=INC, instruction="low"))
    assert asked(told) == ([], ["low"])


def test_a_later_answer_is_a_correction_and_an_instruction_may_be_read_out_again():
    told = story().given(opened(), answered(answer="yes"))
    told.when(w.AnswerQuestion, incident=INC, question="out", answer="no").then(answered())
    told.when(w.GiveInstruction, incident=INC, instruction="low")
    told.when(w.GiveInstruction, incident=INC, instruction="low")
    told.then(w.InstructionGiven(incident=INC, instruction="low"))
    assert asked(told) == (["out"], ["low"])


def test_a_booked_incident_is_asked_about_too_and_keeps_that_when_it_opens():
    told = story().when(intake.BookIncident, due=2_000_000_000_000_000, **PLACE)
    told.when(w.AnswerQuestion, incident=INC, question="where", answer="in")
    told.when(w.GiveInstruction, incident=INC, instruction="wait")
    told.when(intake.OpenBooked, role="system", incident=INC)
    assert asked(told) == (["where"], ["wait"])


def test_a_cancelled_booking_is_asked_about_no_more():
    told = story().when(intake.BookIncident, due=2_000_000_000_000_000, **PLACE)
    told.when(intake.CancelBooking, incident=INC, reason="not wanted")
    told.when(w.AnswerQuestion, incident=INC, question="where", answer="in").refused(WrongStep)


def test_what_a_caller_answers_is_sealed_and_no_fold_keeps_it():
    assert marks_of(w.QuestionAnswered)["answer"] is Mark.SEALED
    told = story().given(opened())
    told.when(w.AnswerQuestion, incident=INC, question="out", answer="my son is inside")
    assert b"my son" not in told.rooms.pack(told.states)


PROVOKED = {
    w.UnknownQuestion: (
        lambda: story().given(opened()).when(
            w.AnswerQuestion, incident=INC, question="why", answer="x"),
        "Not recorded: an answer to why. The town's questions do not have it. "
        "Load the page again: the questions may have changed. Or write the answer as a note.",
    ),
    w.UnknownInstruction: (
        lambda: story().given(opened()).when(w.GiveInstruction, incident=INC, instruction="run"),
        "Not recorded: that run was read out. The town's instructions do not have it. "
        "Load the page again: the script may have changed. Or write it as a note.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("refusal", PROVOKED, ids=lambda cls: cls.__name__)
def test_a_refusal_says_what_was_not_done_because_of_what_and_what_to_do(refusal):
    told, text = PROVOKED[refusal]
    told().refused(refusal, text=text)


def test_every_refusal_of_the_subject_is_provoked_here():
    assert set(w.REFUSALS) == set(PROVOKED)


@pytest.mark.parametrize(
    ("command", "fields"),
    [(w.AnswerQuestion, {"question": "out", "answer": "x"}),
     (w.GiveInstruction, {"instruction": "low"})],
)  # fmt: skip
def test_a_command_about_nothing_known_or_of_a_role_without_the_right_is_refused(command, fields):
    story().when(command, incident="x", **fields).refused(Unknown, name="x")
    told = story().given(opened())
    told.when(command, role="crew", incident=INC, **fields).refused(NotAllowed)


def test_questions_and_instructions_are_found_by_kind_and_by_code():
    assert [one.code for one in SCRIPT.asked("Fire")] == ["out", "where"]
    assert [one.code for one in SCRIPT.asked("Medical")] == ["where"]
    assert [one.code for one in SCRIPT.always("Fire")] == ["low"]
    assert SCRIPT.always("Medical") == ()
    assert SCRIPT.question("out").answers[1].priority == "3"
    assert (SCRIPT.question("x"), SCRIPT.instruction("x")) == (None, None)
