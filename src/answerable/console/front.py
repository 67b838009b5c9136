"""What every page needs of the running centre, in one place: words, rights, clocks, streams."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING
from urllib.parse import quote

from answerable.console import deeds, states
from answerable.console.acts import Acts
from answerable.console.alerting.service import Alerting
from answerable.console.centre import Centre
from answerable.console.clocks import Clocks
from answerable.console.contract.hooks import dispatcher_of, watched
from answerable.console.contract.pace import Pace
from answerable.console.demo import Demo
from answerable.console.dialling.service import Dialling
from answerable.console.keep import shown as keeping
from answerable.console.language import language, languages
from answerable.console.phrases import Phrases
from answerable.console.presence.here import Presence
from answerable.console.presence.telling import Telling
from answerable.console.reading import Gate
from answerable.console.referring.messenger import Messenger
from answerable.console.saying.service import Saying
from answerable.console.signin.door import Door
from answerable.console.stream import Channels
from answerable.dispatch.fleet import Fleet
from answerable.dispatch.nearby import Nearby
from answerable.dispatch.views import Board
from answerable.kernel.desk import Desk
from answerable.kernel.hub import Hub
from answerable.kernel.steps import Steps
from answerable.towns.model import Town

if TYPE_CHECKING:
    from answerable.console.log.service import LogService
    from answerable.console.serve.check import Check
    from answerable.console.serve.service import Service


class Front:
    """The centre as its pages see it."""

    def __init__(self, centre: Centre, demo: Demo | None = None) -> None:
        self.centre = centre
        self.demo = demo
        self.door = Door(centre.hub, centre.desk, centre.keyring, self.told)
        self.sessions = self.door.sessions
        self.pace = Pace()
        self.service: Service | None = None
        """What watches over a centre that runs for real; a demonstration has none."""
        self.log: LogService | None = None
        """The record's public log; a centre in memory, as tests have it, may have none."""
        self.gauges: dict[str, tuple[str, Callable[[], float]]] = {}
        """Further numbers for the metrics, by name: what each is, and how it is read."""
        self.checks: list[Callable[[], Check]] = []
        """Further checks of health, by whoever has something that can fail."""
        self.clocks = Clocks(centre.hub)
        self.hooks = dispatcher_of(self)
        watched(self)
        self.alerting = Alerting(self)
        self.messenger = Messenger(self)
        keeping.watched(self)
        self.channels = Channels(lambda: self.recorded)
        self.presence = Presence()
        self.telling = Telling(self.presence, self.channels, centre.hub.rooms.authority)
        self.gate = Gate(self)
        self.saying = Saying(self)
        self.dialling = Dialling(self)
        self.settle: Callable[[str], None] = lambda channel: None
        """Sends what a channel still waits with; a page that is drawn now begins after it."""
        self.made_up = False
        """Whether a demonstration plays what comes after "closed"; pages of it say so."""
        self.recorded = centre.hub.position - centre.hub.waiting
        """The position up to which everything is durable; pages never claim more."""

    @property
    def hub(self) -> Hub:
        """The one writer."""
        return self.centre.hub

    @property
    def desk(self) -> Desk:
        """What commands are asked of."""
        return self.centre.desk

    @property
    def town(self) -> Town:
        """The town's settings."""
        return self.centre.town

    @property
    def fleet(self) -> Fleet:
        """Where the free units are."""
        return self.centre.fleet

    @property
    def nearby(self) -> Nearby:
        """Which incidents a call may be about."""
        return self.centre.nearby

    @property
    def board(self) -> Board:
        """The fold that every screen reads."""
        return self.centre.board

    def at_hand(self, incident: str) -> AbstractContextManager[None]:
        """Have an incident at hand while a page is made of it, also if it was laid aside."""
        return self.hub.at_hand(f"incident:{incident}")

    @property
    def sealed(self) -> int:
        """The position up to which everything stands under a signed checkpoint."""
        return self.log.sealed if self.log else 0

    @property
    def witnessed(self) -> int:
        """The position up to which an outsider has cosigned."""
        return self.log.witnessed if self.log else 0

    def now_us(self) -> int:
        """Return the centre's time, UTC microseconds."""
        return self.centre.now_us()

    def told(self, at_us: int) -> str:
        """Return an instant as a person reads it: the town's day and time, and its zone."""
        return f"{self.town.local(at_us):%Y-%m-%d %H:%M %Z}"

    @property
    def speed(self) -> float:
        """How fast that time runs: 1 outside a demonstration, 0 while it stands still."""
        if self.demo is None:
            return 1.0
        return 0.0 if self.demo.paused or self.demo.jumping else self.demo.speed

    @functools.cache  # noqa: B019 - one per language, and the front lives as long as the process
    def phrases(self, tag: str) -> Phrases:
        """Return the town's words in a language."""
        steps = deeds.words(self.hub.rooms.rooms) | states.words(self.hub.rooms.rooms)
        return Phrases(self.town, language(tag), steps, self.clocks.chinese)

    @functools.cache  # noqa: B019 - one per role and language
    def acts(self, role: str, tag: str) -> Acts:
        """Return what a role may do, in a language."""
        return Acts(self.hub.rooms.authority, role, self.town, language(tag))

    def steps(self, room: str, thing: str) -> Steps:
        """Return a STEPS table of a room."""
        return next(one for one in self.hub.rooms.rooms if one.name == room).steps[thing]

    def other_languages(self, tag: str, back: str) -> list[dict[str, str]]:
        """Return the languages that are not in use; each leads back to the page ``back``."""
        return [
            {"tag": other, "label": label, "href": f"/language/{other}?back={quote(back)}"}
            for other, label in languages().items()
            if other != tag
        ]
