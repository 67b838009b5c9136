"""Many seeds of a drill, on all cores, until there are enough or the time is over."""

from __future__ import annotations

import itertools
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

import msgspec

from answerable.planning.faults.results import Outcome

AHEAD = 2
"""Seeds a worker has waiting."""
One = Callable[[int], Outcome]
Progress = Callable[[Outcome], None]


class Extent(msgspec.Struct, frozen=True):
    """Which seeds: from the first, so many or for so long, on so many cores."""

    first: int
    seeds: int
    minutes: float = 0.0
    jobs: int = 1

    def numbers(self) -> Iterator[int]:
        """Yield seeds until there are enough, or the time is over where a time was given."""
        if not self.minutes:
            yield from range(self.first, self.first + self.seeds)
            return
        until = time.monotonic() + self.minutes * 60
        yield from itertools.takewhile(
            lambda _: time.monotonic() < until, itertools.count(self.first)
        )


def run(drill: str, one: One, extent: Extent, progress: Progress | None = None) -> Outcome:
    """Run a drill over its seeds; ``progress`` is told what there is after each."""
    begun = time.monotonic()
    whole = Outcome(drill)
    for outcome in _outcomes(one, extent):
        whole.add(outcome)
        whole.seconds = round(time.monotonic() - begun, 1)
        if progress:
            progress(whole)
    whole.findings.sort(key=lambda found: found.seed)
    return whole


def _outcomes(one: One, extent: Extent) -> Iterator[Outcome]:
    numbers = extent.numbers()
    if extent.jobs == 1:
        yield from map(one, numbers)
        return
    # A fresh process for each worker: nothing that is open here is shared with it.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(extent.jobs, mp_context=context) as pool:
        waiting: set[Future[Outcome]] = {
            pool.submit(one, number) for number in itertools.islice(numbers, AHEAD * extent.jobs)
        }
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
            for number in itertools.islice(numbers, len(done)):
                waiting.add(pool.submit(one, number))
