"""Every page there is, served by a demonstration and by a centre that runs for real.

The demonstration has calls in every state that the board can show; the other has accounts, tokens
and everything that administration looks at. Both stand still, so that a page is the same each time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from answerable.access import words as access
from answerable.console.log.begin import begin_log
from answerable.console.log.service import LogService
from answerable.console.session import COOKIE
from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.authority import SYSTEM, Actor
from answerable.record.memory import MemoryStore
from tests.console.conftest import World
from tests.console.contract.served import Served, make_world, serving
from tests.console.doors import DAY_US, GOOD, SAME, Place

ROOT = Actor(name="root.admin", role="administrator")
ADMIN = (
    "try", "accounts", "accounts/d.smith", "accounts/li.na", "roles", "roles?role=dispatcher",
    "roles?may=access.OpenAccount", "tokens", "town", "adapters", "health",
)  # fmt: skip
KINDS = ("Medical Incident", "Structure Fire", "Alarms", "Traffic Collision", "Outside Fire")


def demonstration(folder: Path) -> World:
    """Return a demonstration with a closed incident and open ones in several states."""
    world = make_world(folder, MemoryStore())
    assert world.demo is not None
    closed = world.incident(kind="Alarms")
    world.do(d.CloseIncident, incident=closed, outcome="No Merit")
    owing = world.incident(kind="Other")
    for step in (d.SendUnit, d.Arrive, d.ClearUnit):
        world.do(step, incident=owing, unit="E36")
    opened = [world.incident(kind=kind, priority=str(2 + n % 2)) for n, kind in enumerate(KINDS)]
    world.do(d.SendUnit, incident=opened[0], unit="E03", eta_s=130)
    world.do(d.SendUnit, incident=opened[0], unit="T03", eta_s=190)
    world.do(d.Acknowledge, incident=opened[0], unit="E03")
    world.do(d.GoEnRoute, incident=opened[0], unit="E03")
    world.do(d.SendUnit, incident=opened[1], unit="E36", eta_s=90)
    world.do(i.AddNote, incident=opened[0], words="the gate at the back is open")
    world.call = world.do(i.AnswerCall).call  # type: ignore[attr-defined]
    world.demo.pause()
    return world


def running(folder: Path) -> Place:
    """Return a centre with accounts in every state, a token, a hook."""
    place = Place(folder)
    place.account(ROOT.name, "administrator")
    place.account("ada")
    place.account("crew.3", "crew")
    place.account("li.na")
    place.factor("li.na")
    place.do(access.OpenAccount, account="newcomer", role="call_taker")
    place.do(access.CloseAccount, account="crew.3", reason="moved away")
    place.account("d.smith")
    for _ in range(8):
        place.do(access.MissSignIn, SYSTEM, account="d.smith", missed="password")
    place.token("wall")
    place.do(access.IssueToken, token="soon", label="ends soon", role="reader",
             digest="22" * 32, until=place.clock.now_us() + DAY_US)  # fmt: skip
    LogService(place.front, begin_log(place.centre, folder))
    return place


class Pages:
    """Both servers, and the address of every page by name."""

    def __init__(self, demo: Served, real: Served) -> None:
        self.demo, self.real = demo, real
        self.place: Place = real.world  # type: ignore[assignment]

    def sign_in(self, context: Any) -> None:
        """Sign a browser in: a dispatcher at the one, an administrator at the other.

        A cookie belongs to a host, not to a port, so the two servers have hosts of their own.
        """
        desk = self.demo.cookie().partition("=")[2]
        context.add_cookies([{"name": COOKIE, "value": desk, "url": self.demo.url}])
        told = {"name": ROOT.name, "password": GOOD}
        answer = context.request.post(f"{self.real_url}/enter", form=told, headers=SAME)
        assert answer.ok, answer.text()

    @property
    def real_url(self) -> str:
        """The address of the centre that runs for real."""
        return self.real.url.replace("127.0.0.1", "localhost")

    def signed_in(self) -> dict[str, str]:
        """Return the pages of whoever is signed in."""
        demo, real = self.demo.url, self.real_url
        found = {
            n: f"{demo}/{n}"
            for n in ("board", "hand-over", "units", "standards", "record", "counts")
        }
        found["take"] = f"{demo}/take"
        found["reports"] = f"{demo}/reports"
        found["call"] = f"{demo}/calls/{self.demo.world.call}"
        found["incident"] = f"{demo}/incidents/{self._incident(closed=False)}"
        found["unit"] = f"{demo}/units/E03"
        found["messages"] = f"{demo}/messages"
        found["closed"] = f"{demo}/incidents/{self._incident(closed=True)}"
        found["missing"] = f"{demo}/incidents/99999"
        found["nowhere"] = f"{demo}/nowhere"
        found["denied"] = f"{demo}/admin/accounts"
        found["account"] = f"{real}/account"
        return found | {f"admin/{name}": f"{real}/admin/{name}" for name in ADMIN}

    def door(self) -> dict[str, str]:
        """Return the pages of whoever is not."""
        word = self.real.call(self.place.link, "newcomer")
        real = self.real_url
        return {
            "desks": f"{self.demo.url}/enter", "enter": f"{real}/enter",
            "receipt": f"{real}/receipt", "public-record": f"{self.demo.url}/public/record",
            "log": f"{real}/log",
            "link": f"{real}/link/{word}", "old-link": f"{real}/link/{'x' * 43}",
        }  # fmt: skip

    def _incident(self, *, closed: bool) -> str:
        board = self.demo.world.centre.board
        return next(iter(board.closed if closed else board.incidents))


@contextlib.contextmanager
def every_page(folder: Path) -> Iterator[Pages]:
    """Serve both until the block ends."""
    for name in ("demo", "real"):
        (folder / name).mkdir()
    with (
        serving(folder / "demo", demonstration) as demo,
        serving(folder / "real", running) as real,  # type: ignore[arg-type]
    ):
        yield Pages(demo, real)
