"""From recorded events to the consoles: what changed is rendered once and sent to everybody.

Every channel gathers what has changed since it was last rendered. It is rendered at the next turn
of the event loop, but not more often than its pace: a replay at 600 times the speed changes more
than anybody can read, so those changes are gathered.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from answerable.console import board, news, sheets, thread
from answerable.console.alerting import escalations
from answerable.console.chart import Chart
from answerable.console.crew import shown as crew
from answerable.console.front import Front
from answerable.console.keep import shown as keeping
from answerable.console.language import language
from answerable.console.phrases import Phrases
from answerable.console.problems.crew import marks_of
from answerable.console.public import staff
from answerable.console.ringing import sheet as calls_that_ring
from answerable.console.stream import AGAIN, Channel, message
from answerable.console.supporting.beside import marks_of_crew
from answerable.kernel.event import Recorded
from answerable.kernel.store import Head

BEAT_S = 1.0
PACE_S = {
    "board": 0.02, "incident": 0.02, "open-call": 0.2, "units": 0.2, "record": 0.25,
    "standards": 2.0, "calls": 0.1, "reports": 1.0, "call-backs": 2.0,
    "put-right": 1.0, "referrals": 1.0, "support": 0.5,
}  # fmt: skip
HURRIED_S = 0.25
"""The pace of every page while time runs more than ``HURRIED`` times too fast."""
HURRIED = 90
REST = 1.5
"""From one drawing of a page to the next pass so many times what drawing and sending it took:
however much changes and however many look on, commands have their turn in between."""
UNHEARD_S = 1.0
"""The pace of a page that nobody looks at now, kept up to date for whoever just loaded it."""
ANSWER_FIRST_S = 0.003
"""Whoever gave the command is answered before the pages are drawn."""
MANY = 80
"""More changed incidents than this and a page is loaded again instead."""


@dataclass
class Pending:
    """What has changed for one channel."""

    incidents: set[str] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    position: int = 0
    last_s: float = 0.0


def partial(target: str, swap: str, html: str) -> str:
    """Return a fragment with the place it belongs to."""
    return f'<hx-partial hx-target="{target}" hx-swap="{swap}">{html}</hx-partial>'


class Live:
    """Follows the hub and feeds the channels."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.chart = Chart(front)
        self._pending: dict[str, Pending] = {}
        self._planned: asyncio.TimerHandle | None = None
        self._planned_s = 0.0
        self._cost_s: dict[str, float] = {}
        self._opened = ""
        """The incident whose sealed words are in what was drawn last, "" where there are none."""
        self._renderers: dict[str, Callable[[list[str], Pending], bytes]] = {
            "board": self._board, "incident": self._incident, "units": self._units,
            "standards": self._standards, "record": self._record, "counts": self._counts,
            "calls": self._calls, "crew": self._crew, "escalations": self._escalations,
            "open-call": self._map, "call-backs": self._call_backs,
            **dict.fromkeys(news.NEWS, self._news),
        }  # fmt: skip
        self.heard_by: list[Callable[[Sequence[Recorded]], None]] = []
        front.hub.subscribe(self.committed)
        front.settle = self.settle

    # -- gathering ---------------------------------------------------------------------------

    def committed(self, recorded: Sequence[Recorded], head: Head) -> None:
        """Take up what has just been recorded."""
        position = self.front.recorded = recorded[-1].row.position
        for follower in self.heard_by:
            follower(recorded)
        channels = self.front.channels.live()
        if not channels:
            return
        incidents = {self._incident_of(one) for one in recorded} - {""}
        units = {getattr(one.event, "unit", "") for one in recorded} - {""}
        quiet = news.none_for(channels, recorded)
        helped = news.for_crews(recorded)
        for name in channels:
            if name.partition("/")[0] not in self._renderers or name in quiet:
                continue  # a page that only wants the time, such as those of administration
            if name.startswith("incident/") and name.split("/")[1] not in incidents:
                continue
            if name.startswith("crew/") and not (
                helped or crew.concerned(self.front, name.split("/")[1], units, incidents)
            ):
                continue
            pending = self._pending.setdefault(name, Pending())
            pending.incidents |= incidents
            pending.units |= units
            pending.position = position
        self._plan()

    def _incident_of(self, one: Recorded) -> str:
        """Return the incident an event is about; of a call, the one it led to."""
        incident: str = getattr(one.event, "incident", "")
        if not incident and (call := getattr(one.event, "call", "")):
            known = self.front.hub.state["intake"].calls.get(call)
            return known.incident if known else ""
        return incident

    def _plan(self) -> None:
        """Render once the caller is answered, or when the pace allows it."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        waiting = self._waiting()
        if not waiting:
            return
        due_s = min(p.last_s + self._pace_s(n) for n, p in waiting)
        due_s = max(due_s, time.monotonic() + ANSWER_FIRST_S)
        if self._planned is not None:
            if self._planned_s <= due_s:
                return
            self._planned.cancel()  # a quick page does not wait for a slow one
        self._planned_s = due_s
        self._planned = loop.call_later(due_s - time.monotonic(), self.flush)

    def _waiting(self) -> list[tuple[str, Pending]]:
        return [(name, p) for name, p in self._pending.items() if p.position]

    def _pace_s(self, name: str) -> float:
        pace_s = PACE_S.get(name.partition("/")[0], 1.0)
        if not self.front.channels.has_readers(name):
            return max(pace_s, UNHEARD_S)
        pace_s = max(pace_s, REST * self._cost_s.get(name, 0.0))
        return max(pace_s, HURRIED_S) if self.front.speed > HURRIED else pace_s

    def flush(self) -> None:
        """Render and publish every channel whose pace allows it."""
        self._planned = None
        channels = self.front.channels.live()
        now_s = time.monotonic()
        for name, pending in sorted(self._waiting(), key=lambda one: self._pace_s(one[0])):
            if name not in channels:
                del self._pending[name]
                self._cost_s.pop(name, None)
            elif now_s - pending.last_s >= self._pace_s(name):
                self._publish(name, pending, now_s)
        if self._waiting():
            self._plan()

    def _publish(self, name: str, pending: Pending, now_s: float) -> None:
        began_s = time.monotonic()
        self._opened = ""
        data = self._rendered(name, pending)
        incident = self._opened
        with self.front.at_hand(incident) if incident else contextlib.nullcontext():
            may = self.front.gate.may_go_on(incident) if incident else None
            self.front.channels.open(name).publish(data, pending.position, may)
        self._pending[name] = Pending(last_s=now_s)
        self._cost_s[name] = time.monotonic() - began_s

    def settle(self, name: str) -> None:
        """Publish now what a channel still waits with: somebody is about to follow it."""
        pending = self._pending.get(name)
        if pending is not None and pending.position:
            self._publish(name, pending, time.monotonic())

    def _rendered(self, name: str, pending: Pending) -> bytes:
        page, *rest = name.split("/")
        return self._renderers[page](rest, pending)

    # -- rendering ---------------------------------------------------------------------------

    def _board(self, rest: list[str], pending: Pending) -> bytes:
        front, tag = self.front, rest[0]
        if len(pending.incidents) > MANY:
            return b"id: %d\n" % pending.position + AGAIN
        phrases = front.phrases(tag)
        rows = "".join(self._row(name, phrases) for name in sorted(pending.incidents))
        parts = [partial("#open", "ranked", rows)] if rows else []
        channel = front.channels.open(f"board/{tag}")
        for target, swap, html in self._around(tag, phrases, units=bool(pending.units)):
            if channel.fresh(target, html):
                parts.append(partial(target, swap, html))
        drawn = json.dumps(self.chart.changes(pending.units, pending.incidents))
        return message("".join(parts)) + message(drawn, pending.position, "map")

    def _map(self, rest: list[str], pending: Pending) -> bytes:
        """Return what moved on the map, for the form that takes a call beside it."""
        drawn = json.dumps(self.chart.changes(pending.units, pending.incidents))
        return message(drawn, pending.position, "map")

    def _around(self, tag: str, phrases: Phrases, *, units: bool) -> Iterator[tuple[str, str, str]]:
        """Yield the parts of the board around its rows: where each belongs, and how."""
        front, render = self.front, language(tag).render
        count, ringing = len(front.board.incidents), board.ringing(front)
        caption = render("parts/open_caption.html", open_count=count, ringing=ringing)
        yield "#open-caption", "outerMorph", caption
        calls = board.calls(front, phrases)
        yield "#calls", "innerMorph", render("parts/calls.html", calls=calls)
        closed = board.last_closed(front, phrases)
        empty = render("parts/open_empty.html", open_count=count, last_closed=closed)
        yield "#open-empty", "innerMorph", empty
        for group in board.groups(front, phrases) if units else ():
            html = render("parts/unit_group.html", group=group)
            yield f"#group-{group['number']}", "outerMorph", html

    def _row(self, incident: str, phrases: Phrases) -> str:
        line = self.front.board.incidents.get(incident)
        if line is None:
            return f'<li id="row-{incident}" data-gone></li>'
        row = board.row(self.front, line, phrases, self.front.now_us())
        return phrases.lang.render("parts/row.html", row=row)

    def _incident(self, rest: list[str], pending: Pending) -> bytes:
        with self.front.at_hand(rest[0]):
            return self._incident_at_hand(rest, pending)

    def _incident_at_hand(self, rest: list[str], pending: Pending) -> bytes:
        incident, tag, role = rest
        line = thread.line_of(self.front, incident)
        if line is None:
            return b"id: %d\n" % pending.position + AGAIN
        front, phrases = self.front, self.front.phrases(tag)

        def opened() -> None:
            self._opened = incident

        unseal = front.gate.unseal_for_role(role, incident, phrases.lang, opened)
        channel, render = front.channels.open("/".join(["incident", *rest])), phrases.lang.render
        told = thread.head(front, line, phrases)
        running = thread.clocks(front, line, phrases)
        head = render("parts/incident_head.html", i=told, clocks=running)
        entries = thread.entries(front, line, phrases, role, unseal)
        side = render("parts/side.html", **thread.side(front, line, phrases, role))
        html = [
            partial("#incident-head", "innerMorph", head)
            if channel.fresh("#incident-head", head) else "",
            partial("#thread", "ranked", self._changed(channel, entries, phrases)),
            partial("#side", "innerMorph", side) if channel.fresh("#side", side) else "",
        ]  # fmt: skip
        return message("".join(html), pending.position)

    def _changed(self, channel: Channel, entries: list[dict[str, Any]], phrases: Phrases) -> str:
        """Return those entries of a thread that changed since it was last sent."""
        rows = {entry["id"]: entry for entry in entries}
        changed, gone = channel.changes(rows)
        drawn = [phrases.lang.render("parts/entry.html", e=rows[name]) for name in changed]
        return "".join(drawn + [f'<li id="{name}" data-gone></li>' for name in gone])

    def _crew(self, rest: list[str], pending: Pending) -> bytes:
        """Return the job of a crew's unit, for its phone."""
        unit, tag, role = rest
        phrases = self.front.phrases(tag)
        told = crew.shown(self.front, phrases, role, unit)
        html = phrases.lang.render("crew/job.html", c=told)
        helps = marks_of_crew(self.front, role, unit) + marks_of(self.front, role, unit)
        parts = partial("#crew", "innerMorph", html)
        if self.front.channels.open("/".join(["crew", *rest])).fresh("#crew-support", helps):
            parts += partial("#news", "innerHTML", str(pending.position))
        return message(parts, pending.position)

    def _escalations(self, rest: list[str], pending: Pending) -> bytes:
        """Return what supervisors were told."""
        tag, role = rest
        phrases = self.front.phrases(tag)
        told = escalations.groups(self.front, phrases, role)
        html = phrases.lang.render("alerting/list.html", groups=told)
        return message(partial("#escalations", "innerMorph", html), pending.position)

    def _news(self, rest: list[str], pending: Pending) -> bytes:
        """Tell that there is news for a page; each console reads again what it shows of it."""
        return message(partial("#news", "innerHTML", str(pending.position)), pending.position)

    def _units(self, rest: list[str], pending: Pending) -> bytes:
        phrases = self.front.phrases(rest[0])
        groups = sheets.unit_groups(self.front, phrases)
        html = phrases.lang.render("parts/unit_tables.html", groups=groups)
        return message(partial("#unit-tables", "innerMorph", html), pending.position)

    def _standards(self, rest: list[str], pending: Pending) -> bytes:
        phrases = self.front.phrases(rest[0])
        html = phrases.lang.render(
            "parts/standards.html",
            running=sheets.running(self.front, phrases),
            running_count=self.front.clocks.count(),
            standards=sheets.standards(self.front, phrases),
        )
        return message(partial("#standards", "innerMorph", html), pending.position)

    def _counts(self, rest: list[str], pending: Pending) -> bytes:
        tag, role = rest
        phrases = self.front.phrases(tag)
        told = staff.counted(self.front, phrases, role)
        html = phrases.lang.render("parts/counts.html", c=told)
        changed = self.front.channels.open(f"counts/{tag}/{role}").fresh("#counts", html)
        parts = partial("#counts", "innerMorph", html) if changed else ""
        return message(parts, pending.position)

    def _calls(self, rest: list[str], pending: Pending) -> bytes:
        tag, role = rest
        told = calls_that_ring.rows(self.front, language(tag), role)
        html = language(tag).render("ringing/rows.html", **told)
        changed = self.front.channels.open(f"calls/{tag}/{role}").fresh("#calls-rows", html)
        parts = partial("#calls-rows", "innerMorph", html) if changed else ""
        return message(parts, pending.position)

    def _call_backs(self, rest: list[str], pending: Pending) -> bytes:
        """Tell that the queue changed; each console reads again what it shows of it."""
        html = str(self.front.hub.state["call-backs"].at)
        changed = self.front.channels.open(f"call-backs/{rest[0]}").fresh("#backs-news", html)
        news = partial("#backs-news", "innerHTML", html) if changed else ""
        return message(news, pending.position)

    def _record(self, rest: list[str], pending: Pending) -> bytes:
        front, phrases = self.front, self.front.phrases(rest[0])
        head = phrases.lang.render(
            "parts/record_head.html",
            promises=sheets.promises(front, phrases),
            head=sheets.record_head(front, phrases),
        )
        last = phrases.lang.render(
            "parts/record_tail.html", tail=sheets.tail(front, phrases, rest[1])
        )
        html = partial("#head-facts", "innerMorph", head) + partial("#tail", "innerMorph", last)
        return message(html, pending.position)

    # -- the beat ----------------------------------------------------------------------------

    def beat(self) -> bytes:
        """Return the time, its speed, and how much is recorded."""
        front = self.front
        demo = front.demo
        told = {
            "now": front.now_us() // 1000,
            "speed": front.speed,
            "chosen": f"{demo.speed:g}" if demo else "1",
            "paused": bool(demo and demo.paused),
            "jumping": bool(demo and demo.jumping),
            "recorded": front.recorded,
            "sealed": front.sealed,
            "witnessed": front.witnessed,
            "alarms": keeping.count(front),
            "told": escalations.count(front),
        }
        return message(json.dumps(told, ensure_ascii=False), event="beat")

    def tell(self) -> None:
        """Send the beat to every console now."""
        self.front.channels.tell_all(self.beat())

    async def run(self) -> None:
        """Send the beat for as long as the task lives."""
        while True:
            self.tell()
            await asyncio.sleep(BEAT_S)
