"""What is counted while the service runs, and told in Prometheus' text format.

Everything is counted by the one thread of the event loop into plain numbers, so an observation
costs a microsecond and takes no lock; ``prometheus-client`` gives them their form when asked. No
label ever holds what a person said or is called: only types, outcomes and statuses of the program.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from answerable.console.stream import Tally
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Desk
from answerable.kernel.event import Command, Recorded
from answerable.kernel.hub import Accepted, Faulted, Hub, Outcome
from answerable.kernel.store import Head

if TYPE_CHECKING:
    from answerable.console.front import Front
    from answerable.console.serve.service import Service

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
BUCKETS_S = (
    0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0,
)  # fmt: skip
SIGN_INS = {
    "access.SignedIn": "signed in", "access.SignInMissed": "wrong proof",
    "access.AccountLocked": "locked",
}  # fmt: skip


def outcome_of(outcome: Outcome) -> str:
    """Return what came of a command, in one word or two."""
    if isinstance(outcome, Accepted):
        return "again" if outcome.again else "recorded"
    return "faulted" if isinstance(outcome, Faulted) else "refused"


class Counts:
    """The numbers themselves."""

    def __init__(self) -> None:
        self.commands: Counter[tuple[str, str]] = Counter()
        self.latencies = [0] * (len(BUCKETS_S) + 1)
        self.latency_s = 0.0
        self.events: Counter[str] = Counter()
        self.answers: Counter[int] = Counter()
        self.snapshots = 0
        self.snapshot_s = 0.0
        self.provider: Counter[str] = Counter()

    def command(self, kind: str, outcome: str, took_s: float) -> None:
        """Count a command, its outcome, and how long whoever asked waited."""
        self.commands[kind, outcome] += 1
        self.latencies[bisect_left(BUCKETS_S, took_s)] += 1
        self.latency_s += took_s

    def committed(self, recorded: Sequence[Recorded], head: Head) -> None:
        """Count what was recorded."""
        for one in recorded:
            self.events[one.row.kind] += 1


class CountingDesk(Desk):
    """A desk that counts what is asked of it."""

    def __init__(self, hub: Hub, counts: Counts, *, on_fatal: Callable[[str], None]) -> None:
        super().__init__(hub, on_fatal=on_fatal)
        self._counts = counts

    @property
    def waiting(self) -> int:
        """How many commands are waiting."""
        return len(self._queue)

    async def ask(self, command: Command, actor: Actor) -> Outcome:
        """Have a command done, and count it. Raises Unavailable."""
        began_s, outcome = time.perf_counter(), "unavailable"
        try:
            answer = await super().ask(command, actor)
            outcome = outcome_of(answer)
            return answer
        finally:
            self._counts.command(command.tag, outcome, time.perf_counter() - began_s)


class Told(Collector):
    """Gives the numbers their names when they are asked for."""

    def __init__(self, front: Front, service: Service) -> None:
        self._front, self._service, self._counts = front, service, service.counts

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        yield from self._counters()
        yield from self._gauges()
        yield self._latency()

    def _latency(self) -> Metric:
        counts, total, buckets = self._counts, 0, []
        for bound, count in zip((*map(str, BUCKETS_S), "+Inf"), counts.latencies, strict=True):
            total += count
            buckets.append((bound, total))
        return HistogramMetricFamily(
            "answerable_command_seconds", "From asking for a command to its answer.",
            buckets=buckets, sum_value=counts.latency_s,
        )  # fmt: skip

    def _counters(self) -> Iterator[Metric]:
        counts, service = self._counts, self._service
        sign_ins = {SIGN_INS[kind]: counts.events[kind] for kind in SIGN_INS}
        yield _counter("commands", "Commands by type and outcome.", ("type", "outcome"),
                       counts.commands)  # fmt: skip
        yield _counter("events_recorded", "Events recorded by type.", ("type",), counts.events)
        yield _counter("sign_ins", "Sign-ins by outcome.", ("outcome",), sign_ins)
        yield _counter("provider_sign_ins", "Answers of the provider by outcome.", ("outcome",),
                       counts.provider)  # fmt: skip
        yield _counter("http_answers", "Answers by status.", ("status",), counts.answers)
        watch = service.clock_watch
        jumps = {"forward": watch.forward, "back": watch.back} if watch else {}
        yield _counter("clock_jumps", "Steps of the machine's clock.", ("way",), jumps)
        single: dict[str, tuple[str, float]] = {
            "stream_loads_again": (
                "Consoles told to load their page again.", Tally.again,
            ),
            "alarms_late": ("Alarms seen waiting past their time.", service.pulse.late),
            "snapshots": ("Snapshots kept.", counts.snapshots),
            "snapshot_seconds": ("Time spent keeping snapshots.", counts.snapshot_s),
            "log_lines_lost": ("Log lines nobody took in time.", service.lines_lost()),
        }  # fmt: skip
        for name, (what, value) in single.items():
            yield CounterMetricFamily(f"answerable_{name}", what, value=value)

    def _gauges(self) -> Iterator[Metric]:
        front, service = self._front, self._service
        told: dict[str, tuple[str, float]] = {
            "position": ("The last recorded position.", front.recorded),
            "queue_length": ("Commands waiting for the hub.", service.waiting()),
            "consoles_open": ("Consoles connected to live pages.", front.channels.count()),
            "sessions": ("Sessions that have not ended.", len(front.sessions)),
            "alarm_lateness_seconds": (
                "How long the earliest alarm has been due.", service.pulse.lateness_s(),
            ),
            "loop_lag_seconds": (
                "The longest wait of the event loop in the last minute.", service.pulse.lag_s,
            ),
            "clock_ahead_seconds": (
                "How far the service's time is ahead of the machine's.", service.ahead_s(),
            ),
            "started_timestamp_seconds": ("When the service began.", service.began_s),
        }  # fmt: skip
        told |= {name: (what, read()) for name, (what, read) in front.gauges.items()}
        for name, (what, value) in told.items():
            yield GaugeMetricFamily(f"answerable_{name}", what, value=value)


def _counter(
    name: str, what: str, labels: tuple[str, ...], values: Mapping[Any, int]
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"answerable_{name}", what, labels=labels)
    for key, value in values.items():
        parts = key if isinstance(key, tuple) else (key,)
        family.add_metric([str(part) for part in parts], value)
    return family


def registry(front: Front, service: Service) -> CollectorRegistry:
    """Return a registry of this service's own numbers and of its process."""
    made = CollectorRegistry()
    made.register(Told(front, service))
    ProcessCollector(registry=made)
    return made


def exposition(made: CollectorRegistry) -> bytes:
    """Return everything in the text format."""
    return generate_latest(made)
