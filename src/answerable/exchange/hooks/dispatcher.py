"""All couriers: one for each hook the record names, begun and ended as the record says.

Nobody who gives a command ever waits for a courier: what was recorded only wakes them, and each
looks at the record by itself, a hundred positions at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from answerable.access.words import (
    HookRegistered,
    HookRemoved,
    LettersDropped,
    LettersRetried,
)
from answerable.exchange.hooks.addresses import Network, Resolver
from answerable.exchange.hooks.book import Book
from answerable.exchange.hooks.courier import Courier, Secrets, Source, Times
from answerable.exchange.hooks.letters import Letter, Target
from answerable.exchange.hooks.post import Carrier, Post
from answerable.kernel.event import Recorded

log = logging.getLogger("answerable.hooks")
ACTS = (LettersDropped, LettersRetried)


class Registered(Protocol):
    """A hook as the room of access keeps it."""

    @property
    def hook(self) -> str:
        """Its name."""
        ...

    @property
    def url(self) -> str:
        """Where letters go."""
        ...

    @property
    def role(self) -> str:
        """What may be told."""
        ...

    @property
    def credential(self) -> str:
        """The number of its secret."""
        ...

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of events it is told of; none: all."""
        ...

    @property
    def state(self) -> str:
        """Whether it is told or removed."""
        ...

    @property
    def position(self) -> int:
        """The position of its registration."""
        ...


class Numbers(NamedTuple):
    """How a hook stands: positions not told yet, dead letters, failures in a row."""

    waiting: int
    dead: int
    failures: int


class Dispatcher:
    """The couriers of a centre. Lives on its event loop; ``run`` is its one task."""

    def __init__(
        self,
        book: Book,
        source: Source,
        secrets: Secrets,
        hooks: Callable[[], Mapping[str, Registered]],
        acts: Callable[[str], Iterable[Recorded]],
        *,
        inside: Iterable[Network] = (),
        times: Times | None = None,
        carrier: Callable[[], Carrier] | None = None,
    ) -> None:
        """``hooks`` are those of the record now; ``acts`` what is recorded about one of them."""
        self.book = book
        self.trouble = ""
        """Why nobody is told: the book cannot be used."""
        self.inside = tuple(inside)
        self._source = source
        self._secrets = secrets
        self._hooks = hooks
        self._acts = acts
        self._times = times or Times()
        self._carrier = carrier or self._post
        self._resolver = Resolver()
        self._context: ssl.SSLContext | None = None
        self._couriers: dict[str, Courier] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._running = False

    def _post(self) -> Carrier:
        if self._context is None:  # one for all: reading the authorities takes a while
            self._context = ssl.create_default_context()
        return Post(self._resolver, self.inside, self._context)

    # -- life --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Tell every hook for as long as the task lives; ends all couriers with it."""
        if self.trouble:
            return
        self._running = True
        try:
            known = {name: one for name, one in self._hooks().items() if one.state == "told"}
            for name in self.book.hooks():
                if name not in known:
                    self.book.forget(name)
            for one in known.values():
                self._begin(one)
            await asyncio.Event().wait()
        finally:
            self._running = False
            tasks = list(self._tasks.values())
            for name in list(self._couriers):
                self._end(name)
            await asyncio.gather(*tasks, return_exceptions=True)
            self._resolver.close()

    def close(self) -> None:
        """Let go of the book, after ``run`` has ended."""
        self.book.close()

    def _begin(self, one: Registered) -> None:
        target = Target(
            one.hook, one.url, one.role, one.credential, frozenset(one.kinds), one.position
        )
        courier = Courier(
            target, self.book, self._source, self._secrets, self._carrier(), self._times
        )
        self._couriers[one.hook] = courier
        self._catch_up(target)
        task = asyncio.create_task(courier.run(), name=f"hook {one.hook}")
        task.add_done_callback(_told_if_it_fails)
        self._tasks[one.hook] = task

    def _end(self, hook: str) -> None:
        self._couriers.pop(hook, None)
        if (task := self._tasks.pop(hook, None)) is not None:
            task.cancel()

    def _catch_up(self, target: Target) -> None:
        """Take up acts that were recorded when a crash kept the book from hearing of them."""
        heard = self.book.standing(target).acts
        for one in self._acts(target.hook):
            if one.row.position > heard and isinstance(one.event, ACTS):
                self._take_up(one)

    # -- what is recorded --------------------------------------------------------------------

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Wake whom it concerns. Costs a look at each event for each hook with kinds."""
        if not self._running:
            return
        for one in recorded:
            if isinstance(one.event, (HookRegistered, HookRemoved, *ACTS)):
                self._take_up(one)
        first, last = recorded[0].row.position, recorded[-1].row.position
        kinds = {one.row.kind for one in recorded}
        for courier in self._couriers.values():
            wanted = courier.target.kinds
            if wanted and wanted.isdisjoint(kinds):
                courier.passed(first, last)
            else:
                courier.wake()

    def _take_up(self, one: Recorded) -> None:
        event = one.event
        if isinstance(event, HookRegistered):
            self._begin(self._hooks()[event.hook])
        elif isinstance(event, HookRemoved):
            self._end(event.hook)
            self.book.forget(event.hook)
        elif isinstance(event, LettersDropped):
            self.book.drop(event.hook, event.letters)
            self.book.took_up(event.hook, one.row.position)
        elif isinstance(event, LettersRetried):
            self.book.retry(event.hook, event.letters)
            self.book.took_up(event.hook, one.row.position)
            if (courier := self._couriers.get(event.hook)) is not None:
                courier.hurry()

    # -- what is told about them -------------------------------------------------------------

    def numbers(self) -> dict[str, Numbers]:
        """Return how each hook stands."""
        recorded = self._source.recorded()
        return {
            hook: Numbers(recorded - courier.position, self.book.count_dead(hook), courier.failures)
            for hook, courier in self._couriers.items()
        }

    def dead(self, hook: str) -> list[Letter]:
        """Return the dead letters of a hook, the oldest first."""
        return self.book.dead(hook)


def _told_if_it_fails(task: asyncio.Task[None]) -> None:
    """Tell that a courier has ended by a fault; the centre goes on, and so does the next start."""
    with contextlib.suppress(asyncio.CancelledError):
        if (fault := task.exception()) is not None:
            log.error("%s stopped: %s", task.get_name(), type(fault).__name__)
