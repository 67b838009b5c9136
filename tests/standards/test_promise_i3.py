"""I3: every open clock stops, is suspended with a reason, or rings. And true times decide alone."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from answerable.kernel.hub import Accepted
from answerable.standards import past
from answerable.standards.kept import kept_table
from answerable.standards.views import every_clock
from answerable.standards.words import AdoptStandard, ExtendClock, ResumeClock, SuspendClock
from tests.standards.bench import ERRANDS, T0, US, Bench
from tests.standards.toyroom.words import Tell

OPEN = ("running", "ringing", "suspended")
incidents = st.sampled_from(["A", "B"])
units = st.sampled_from(["E1", "E2"])
steps = st.sampled_from(["Sent", "Sent", "Signed", "Came", "CalledOff", "Over", "Again"])
back = st.one_of(st.just(0), st.integers(0, 90))


class ClockLife(RuleBasedStateMachine):
    """Errands, late entries, corrections, suspensions and restarts in any order."""

    @initialize()
    def begin(self) -> None:
        self.bench = Bench(ERRANDS)
        self.told: list[tuple[str, str, str, int]] = []

    @rule(what=steps, incident=incidents, unit=units, wait_s=st.integers(0, 45), back_s=back)
    def something_happens(self, what, incident, unit, wait_s, back_s):
        self.bench.until(self.bench.now_s + wait_s)
        at_s = self.bench.now_s - back_s
        self.bench.tell(what, at_s=at_s, incident=incident, unit=unit)
        self.told.append((what, incident, unit, int(at_s)))

    @rule(data=st.data(), to_s=st.integers(-30, 30))
    def a_time_is_corrected(self, data, to_s):
        steps = [i for i, one in enumerate(self.told) if one[0] not in ("Over", "Again")]
        if not steps:
            return
        index = data.draw(st.sampled_from(steps))
        what, incident, unit, at_s = self.told[index]
        self.bench.correct(what, at_s, at_s + to_s, incident=incident, unit=unit)
        self.told[index] = (what, incident, unit, at_s + to_s)

    @rule(wait_s=st.integers(1, 200))
    def time_passes(self, wait_s):
        self.bench.until(self.bench.now_s + wait_s)

    @rule(
        data=st.data(),
        command=st.sampled_from(
            [(SuspendClock, {"reason": "bridge is up"}), (ResumeClock, {}),
             (ExtendClock, {"by_s": 20, "reason": "long stairs"})]
        ),
    )  # fmt: skip
    def somebody_acts_on_a_clock(self, data, command):
        if runs := sorted(self.bench.state.runs()):
            cls, fields = command
            self.bench.ask(cls, clock=data.draw(st.sampled_from(runs)), **fields)

    @rule(limit_s=st.sampled_from([10, 30, 50]))
    def another_edition_is_adopted(self, limit_s):
        text = ERRANDS.replace("limit_s = 30\n", f"limit_s = {limit_s}\n")
        self.bench.ask(AdoptStandard, text=text)

    @rule(use_snapshot=st.booleans())
    def the_centre_starts_again(self, use_snapshot):
        live = self.bench.packed()
        self.bench.hub.start(use_snapshot=use_snapshot)
        assert self.bench.packed() == live, "live state differs from its replay (I5)"
        self.bench.hub.save_snapshot()

    @invariant()
    def every_open_clock_is_suspended_or_has_rung_or_will(self):
        state = self.bench.state
        now_us = self.bench.clock.now_us()
        for run in state.runs().values():
            due_us = state.alarms.due.get(run.number)
            stages = state.work(run.clock).stages
            if run.state == "suspended":
                assert due_us is None
                assert state.cell(run).states[run.slot] & past.STOOD
            elif run.stage == len(stages):
                assert run.state == "ringing"
                assert due_us is None
            else:
                assert due_us == run.due_us + stages[run.stage].after_us
        asleep = [due for due in state.alarms.due.values() if due < now_us]
        self.bench.until(self.bench.now_s)
        assert not [due for due in state.alarms.due.values() if due <= now_us], asleep

    @invariant()
    def only_open_clocks_have_alarms_and_every_clock_is_counted_once(self):
        state = self.bench.state
        assert set(state.alarms.due) <= set(state.runs())
        lines = list(every_clock(state))
        assert sum(line.state in OPEN for line in lines) == len(state.runs())
        for row in kept_table(state, by=()):
            parts = (row.running, row.ringing, row.suspended, row.kept, row.broken, row.void)
            assert row.started == sum(parts)
        assert sum(row.started for row in kept_table(state)) == len(lines)

    @invariant()
    def every_ended_clock_is_judged_by_its_true_times(self):
        state = self.bench.state
        for cases in state.cases.values():
            for case in cases.values():
                for c, slot, _ in case.each_run():
                    cell = state.cells[c]
                    (start_us, _), (end_us, end_at) = cell.start(slot), cell.end(slot)
                    code = cell.code(slot)
                    if code in (past.KEPT, past.BROKEN):
                        net_us = end_us - start_us - cell.stood_us(slot, start_us, end_us)
                        limit_us = state.work(cell.clock).limit_us
                        limit_us += cell.extra_us.get(str(slot), 0)
                        assert end_us >= start_us
                        assert (code == past.KEPT) == (net_us <= limit_us)
                    assert (end_at == 0) == (code in (past.RUNNING, past.RINGING, past.SUSPENDED))


TestI3EveryOpenClockStopsIsSuspendedOrRings = ClockLife.TestCase
TestI3EveryOpenClockStopsIsSuspendedOrRings.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip


def test_i3_a_clock_left_alone_rings_for_everything_it_has_to():
    bench = Bench(ERRANDS).tell("Sent", 0).until(100_000)
    for name in ("sign", "come", "somebody there"):
        [number] = [r.number for r in bench.state.runs().values()
                    if bench.state.work(r.clock).clock.name == name]  # fmt: skip
        stages = bench.state.work(bench.state.runs()[number].clock).stages
        assert [stage for _, stage, _ in bench.rings(name)] == [*range(1, len(stages) + 1)]


# -- true times decide -----------------------------------------------------------------------

happenings = st.lists(
    st.tuples(st.sampled_from(["Signed", "Came", "CalledOff"]), st.integers(-20, 80)), max_size=5
)
LIMITS = {"sign": 30, "come": 60}
STOPS = {"sign": {"Signed", "Came"}, "come": {"Came"}}


def told_by(order: list[tuple[str, int]]) -> dict[str, tuple[str, float | None]]:
    """Return what the engine makes of one errand whose steps are entered in this order."""
    bench = Bench(ERRANDS)
    bench.clock.set(T0 + 1000 * US)
    bench.did(Tell, what="Sent", incident="A", unit="E1", at_s=0)
    for what, at_s in order:
        bench.did(Tell, what=what, incident="A", unit="E1", at_s=at_s)
    found = {}
    for name in LIMITS:
        [line] = bench.lines(name)
        timed = line.state in ("kept", "broken")
        found[name] = (line.state, (line.end_us - line.start_us) / US if timed else None)
    return found


def true_outcome(name: str, steps: list[tuple[str, int]]) -> tuple[str, float | None]:
    """Return the same from the definition: the first of its ends that is not before the start.

    ``steps`` are in the order of entry, which decides between two at the same instant.
    """
    ends = sorted(
        (at_s, entered, what not in STOPS[name])
        for entered, (what, at_s) in enumerate(steps)
        if what in STOPS[name] or what == "CalledOff"
    )
    after = [(at_s, void) for at_s, _, void in ends if at_s >= 0]
    if not ends:
        return "running", None
    if not after or after[0][1]:
        return "void", None
    return ("kept" if after[0][0] <= LIMITS[name] else "broken"), after[0][0]


@settings(max_examples=80, deadline=None)
@given(happenings, st.randoms(use_true_random=False))
def test_the_outcome_depends_on_true_times_not_on_the_order_of_entry(steps, random):
    order = list(steps)
    random.shuffle(order)
    found = told_by(order)
    assert found == {name: true_outcome(name, order) for name in LIMITS}


@settings(max_examples=80, deadline=None)
@given(happenings, st.data())
def test_a_correction_leads_to_what_the_true_time_would_have_led_to(steps, data):
    if not steps:
        return
    index = data.draw(st.integers(0, len(steps) - 1))
    right = data.draw(st.integers(0, 90))
    what, wrong = steps[index]
    if (what, wrong) in [one for i, one in enumerate(steps) if i != index]:
        return  # two equal entries: which of them is meant cannot be told
    bench = Bench(ERRANDS)
    bench.clock.set(T0 + 1000 * US)
    bench.did(Tell, what="Sent", incident="A", unit="E1", at_s=0)
    for one, at_s in steps:
        bench.did(Tell, what=one, incident="A", unit="E1", at_s=at_s)
    bench.correct(what, wrong, right)
    corrected = [(what, right) if i == index else one for i, one in enumerate(steps)]
    for name in LIMITS:
        [line] = bench.lines(name)
        state, took_s = true_outcome(name, corrected)
        assert line.state == state
        assert took_s in (None, (line.end_us - line.start_us) / US)


def test_every_order_of_three_entries_comes_to_the_same():
    steps = [("Signed", 20), ("Came", 50), ("CalledOff", 70)]
    outcomes = [told_by(list(order)) for order in itertools.permutations(steps)]
    assert outcomes == [{"sign": ("kept", 20), "come": ("kept", 50)}] * 6


def test_a_refused_step_changes_nothing():
    bench = Bench(ERRANDS).tell("Sent", 0)
    before = bench.packed()
    assert not isinstance(bench.ask(ResumeClock, clock=bench.number("sign")), Accepted)
    assert bench.packed() == before
