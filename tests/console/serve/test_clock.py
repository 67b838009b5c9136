"""A clock that jumps: the service's time never goes back, and the jump is told."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.console.serve.clock import SLOWER, ClockWatch, SteadyClock

S = 1_000_000_000


class Machine:
    """A machine whose clocks are set by hand."""

    def __init__(self) -> None:
        self.wall, self.steady, self.asleep = 1_000_000 * S, 50 * S, 0
        self.clock = SteadyClock(lambda: self.wall, lambda: self.steady)
        self.watch = ClockWatch(
            self.clock, lambda: self.wall, lambda: self.steady, lambda: self.steady + self.asleep
        )

    def run(self, seconds: float) -> int:
        self.wall += int(seconds * S)
        self.steady += int(seconds * S)
        return self.clock.now_us()

    def jump(self, seconds: float) -> int:
        self.wall += int(seconds * S)
        return self.clock.now_us()


def test_an_even_clock_is_told_as_it_is():
    machine = Machine()
    for _ in range(100):
        assert machine.run(0.013) == machine.wall // 1000
    assert machine.watch.look() is None
    assert machine.clock.ahead_s == 0


def test_a_clock_set_back_leaves_the_time_running_until_the_machine_has_caught_up():
    machine = Machine()
    before_us = machine.clock.now_us()
    assert machine.jump(-3600) == before_us
    after_us = machine.run(100)
    assert after_us - before_us == 100_000_000 - 100_000_000 // SLOWER, "durations are right to 1 %"
    assert machine.clock.ahead_s == pytest.approx(3600 - 1)
    for _ in range(SLOWER):
        machine.run(3600)
    assert machine.clock.now_us() == machine.wall // 1000
    assert machine.clock.ahead_s == 0


def test_a_clock_set_forward_is_followed():
    machine = Machine()
    assert machine.jump(7200) == machine.wall // 1000


def test_the_time_goes_on_from_what_was_recorded():
    machine = Machine()
    ahead_us = machine.clock.now_us() + 5_000_000
    machine.clock.not_before(ahead_us)
    assert machine.clock.now_us() == ahead_us
    assert machine.run(10) > ahead_us
    machine.clock.not_before(1)
    assert machine.clock.now_us() > ahead_us


@given(st.lists(st.tuples(st.floats(0, 500), st.floats(-10_000, 10_000)), max_size=30))
def test_whatever_the_machine_s_clock_does_the_time_never_goes_back(moves):
    machine = Machine()
    last_us = machine.clock.now_us()
    for run_s, jump_s in moves:
        passed_us = machine.run(run_s) - last_us
        assert passed_us >= int(run_s * 1e6) * (SLOWER - 1) // SLOWER - 2, "it stood still"
        last_us = max(last_us, machine.jump(jump_s))
        assert machine.clock.now_us() >= last_us
        last_us = machine.clock.now_us()


@pytest.mark.parametrize(
    ("by_s", "asleep_s", "said"),
    [(-90, 0, "set back by 90.0 s"), (90, 0, "set forward by 90.0 s"), (90, 90, "stood still")],
)
def test_a_jump_is_told_once_with_what_to_do(by_s, asleep_s, said, caplog):
    machine = Machine()
    machine.run(5)
    machine.jump(by_s)
    machine.asleep += asleep_s * S
    with caplog.at_level(logging.WARNING):
        jump = machine.watch.look()
    assert jump is not None
    assert jump.by_s == by_s
    assert machine.watch.last == jump
    assert said in caplog.text
    assert caplog.text.count(". ") >= 1
    machine.run(5)
    assert machine.watch.look() is None
    assert (machine.watch.forward, machine.watch.back) == (int(by_s > 0), int(by_s < 0))


def test_a_correction_below_a_second_is_nobody_s_business():
    machine = Machine()
    machine.jump(-0.9)
    assert machine.watch.look() is None
