"""I5: the live state, a replay from zero and a replay from a snapshot are the same bytes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from answerable.kernel.hub import Accepted, Ask, Hub
from answerable.kernel.room import Arms
from answerable.kernel.store import CannotRecord
from tests.kernel.tally import rules as tally
from tests.kernel.toy import words as w
from tests.kernel.toy_centre import (
    GUEST,
    KEEPER,
    OTHER,
    SECOND_US,
    START_US,
    FailingStore,
    centre,
    packed,
)

BOXES = st.sampled_from(["a", "b", "c", "jack"])
KEYS = st.integers(0, 40).map("key-{}".format)
AFTER_S = st.one_of(st.none(), st.integers(0, 90))
COMMANDS = st.one_of(
    st.builds(w.MakeBox, key=KEYS, box=BOXES, secret=st.sampled_from(["", "words"])),
    st.builds(w.ShutBox, key=KEYS, box=BOXES),
    st.builds(w.ScrapBox, key=KEYS, box=BOXES),
    st.builds(w.TouchBox, key=KEYS, box=BOXES),
    st.builds(w.DropBox, key=KEYS, box=BOXES, fault=st.sampled_from(["none", "decide", "event"])),
    st.tuples(KEYS, BOXES, AFTER_S),
)
ACTORS = st.sampled_from([KEEPER, KEEPER, KEEPER, OTHER, GUEST])


class SameState(RuleBasedStateMachine):
    """A centre that is given anything, restarted at any moment, and compared every time."""

    def __init__(self) -> None:
        super().__init__()
        self.hub = self.start(FailingStore())
        self.answered: list[tuple[int, bytes]] = []

    def start(self, store: FailingStore, now_us: int = START_US) -> Hub:
        hub = centre(store, now_us=now_us)
        hub.subscribe(lambda recorded, head: self.published(recorded))
        return hub

    def published(self, recorded) -> None:
        self.answered.extend((one.row.position, one.row.body) for one in recorded)

    def command(self, drawn):
        if not isinstance(drawn, tuple):
            return drawn
        key, box, after_s = drawn
        due = None if after_s is None else self.hub.clock.now_us() + after_s * SECOND_US
        return w.OpenBox(key=key, box=box, shut_at=due)

    @rule(drawn=st.lists(st.tuples(COMMANDS, ACTORS), min_size=1, max_size=6))
    def told(self, drawn):
        asks = [Ask(self.command(one), actor) for one, actor in drawn]
        before = self.hub.position
        outcomes = self.hub.handle(asks)
        new = sum(len(o.recorded) for o in outcomes if isinstance(o, Accepted) and not o.again)
        assert self.hub.position == before + new

    @rule(passed_s=st.integers(1, 120))
    def time_passes(self, passed_s):
        self.hub.clock.set(self.hub.clock.now_us() + passed_s * SECOND_US)
        while self.hub.ring(self.hub.clock.now_us()):
            self.hub.commit()

    @rule(drawn=COMMANDS)
    def the_disk_is_full(self, drawn):
        before = packed(self.hub)
        self.hub.store.fail = CannotRecord("Not recorded. The disk is full. Make room.")
        try:
            self.hub.handle([Ask(self.command(drawn), KEEPER)])
        except CannotRecord:
            assert packed(self.hub) == before
        self.hub.store.fail = None

    @precondition(lambda self: not self.hub.waiting)
    @rule()
    def snapshot(self):
        self.hub.save_snapshot()

    @rule(back_s=st.integers(0, 600))
    def restart(self, back_s):
        now_us = self.hub.clock.now_us() - back_s * SECOND_US
        self.hub = self.start(self.hub.store.reopen(), now_us)

    @invariant()
    def all_three_states_are_the_same_bytes(self):
        live = packed(self.hub)
        from_zero, from_snapshot = centre(self.hub.store), centre(self.hub.store)
        from_zero.start(use_snapshot=False)
        assert packed(from_zero) == live
        assert packed(from_snapshot) == live
        assert from_zero.next_alarm_us() == self.hub.next_alarm_us()
        assert from_zero.last_us == from_snapshot.last_us == self.hub.last_us

    @invariant()
    def what_was_published_is_what_is_recorded(self):
        rows = [(row.position, row.body) for row in self.hub.store.rows()]
        assert rows == self.answered
        assert [position for position, _ in rows] == list(range(1, len(rows) + 1))


FEW = settings(
    max_examples=100,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestSameState = SameState.TestCase
TestSameState.settings = FEW


def test_the_comparison_notices_an_arm_that_reads_more_than_its_event(monkeypatch):
    """The harness is shown to hurt: a view that counts calls instead of events is caught."""
    forgetful: Arms[tally.Seen] = Arms()
    calls = [0]

    def count(state, event, row) -> None:
        calls[0] += 1
        state.events = calls[0]

    forgetful.every = count
    monkeypatch.setattr(tally.seen, "every", count)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(SameState, settings=settings(FEW, phases=[Phase.generate]))
