"""Every worked example of every standard on the shelf, through the real engine."""

import pytest

import answerable.dispatch.words
import answerable.followup.back_words
import answerable.followup.right_words
import answerable.intake.words
import answerable.matters.matter_words  # noqa: F401 - the examples use their events
from answerable.standards.examples import examples_in, run_example
from answerable.standards.shelf import shelf, shelf_standard, shelf_text

EXAMPLES = [(name, example) for name in shelf() for example in examples_in(shelf_text(name))]


@pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=[f"{name}: {example.name}" for name, example in EXAMPLES]
)
def test_worked_example_comes_out_as_written(name, example):
    assert run_example(shelf_standard(name), example) == []


@pytest.mark.parametrize("name", shelf())
def test_every_promise_has_a_source_both_titles_and_an_example(name):
    standard = shelf_standard(name)
    shown = {wanted.clock for e in examples_in(shelf_text(name)) for wanted in e.expect}
    assert standard.source
    assert standard.zh
    assert all(clock.zh for clock in standard.clocks)
    assert {clock.name for clock in standard.clocks} <= shown


def test_nothing_from_memory_is_claimed_as_fact():
    assert not any("[M]" in shelf_text(name) for name in shelf())
