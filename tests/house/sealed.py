"""A random day in which every sealed word is a marked one, and a search for the mark afterwards.

The day is made of random commands about a handful of calls, incidents and units, so that most of
them fit together. Whatever a person might say, be called or live at is filled with the mark.
"""

from __future__ import annotations

import enum
import random
import typing
from collections.abc import Iterable
from typing import Any

import msgspec

from answerable.kernel.authority import Actor
from answerable.kernel.event import Command, Event, Recorded, sealed_fields
from answerable.kernel.hub import Accepted, Hub
from answerable.kernel.room import Rooms

MARK = "Zarathustra"
"""A word that occurs nowhere else, in the product or in the tests."""

NAMES: dict[str, tuple[Any, ...]] = {
    "call": ("C1", "C2", "C3"),
    "incident": ("I1", "I2", "I3"),
    "unit": ("E1", "E2", "M1"),
    "unit_type": ("ENGINE",),
    "kind": ("Fire", "Medical"),
    "priority": ("1", "3"),
    "step": ("UnitArrived", "IncidentOpened", "CallAnswered"),
    "clock": ("1:1", "1:2"),
    "account": ("ada", "bo"), "token": ("wall", "desk"), "role": ("dispatcher", "reader"),
    "digest": ("a" * 64,), "invitation": ("a" * 64,), "credential": ("1" * 32,),
    "session": ("a" * 12, "b" * 12), "url": ("https://example.org/in",),
    "way": ("password",), "missed": ("code",), "why": ("asked",),
    "purpose": ("working the incident", "complaint"), "act": ("erase", "destroy"),
    "sort": ("full", "keys-only"), "of": ("record",), "found": ("empty",), "root": ("b" * 64,),
    "change": ("made", "withdrawn"), "news": ("added", "disagreed"), "key_id": ("k1", "k2"),
    "day": ("2020-03-31", "2020-04-01"), "line": ("110", ""),
    "alarm": ("backup of the record", "witness"),
    "ring": ("1:1",), "escalation": ("1:1",), "channel": ("pager",), "agency": ("coast",),
    "medium": ("voice", "text"), "outcome": ("reached", "busy"),
    "question": ("out",), "instruction": ("low",),
    "desk": ("Desk 1", "Desk 2"), "handover": ("H1", "H2"),
    "owner": ("supervisor", "dispatcher"),
    "matter": ("M1", "M2", "M3"), "problem": ("P1", "P2"), "language": ("en", "zh-CN"),
    "first": ("2020-03-31",), "days": (14, 28),
    "support": ("I9S1", "I9S2"),
}  # fmt: skip
"""What random commands are about; a field of another name gets its own name as text."""


def sealed_names(rooms: Rooms) -> set[str]:
    """Return the names of all sealed fields of all events."""
    return {name for event in rooms.events.values() for name in sealed_fields(event)}


def random_command(rooms: Rooms, chance: random.Random, number: int, now_us: int) -> Command:
    """Return a random command whose sealed words carry the mark."""
    cls = chance.choice(sorted(rooms.commands.values(), key=lambda cls: cls.tag))
    hints = typing.get_type_hints(cls, include_extras=True)
    secret = sealed_names(rooms)
    fields: dict[str, Any] = {"key": f"key-{number}"}
    for field in msgspec.structs.fields(cls):
        if field.name in ("key", "at"):
            continue
        if field.name in secret:
            fields[field.name] = f"{MARK} {number}"
        elif field.required or chance.random() < 0.7:
            chosen = _choices(hints[field.name])
            value = (chance.choice(chosen) if chosen
                     else _value(hints[field.name], field.name, chance, now_us))  # fmt: skip
            if value is not None or field.required:  # what is a struct keeps its usual value
                fields[field.name] = value
    return msgspec.convert(fields | {"type": cls.tag}, cls)


def _value(hint: Any, name: str, chance: random.Random, now_us: int) -> Any:
    if name in NAMES:
        return chance.choice(NAMES[name])
    plain = _plain(hint)
    if plain in (int, float) and name in ("due", "to", "until"):
        return now_us + chance.randint(1, 3600) * 1_000_000
    if plain in (int, float):
        return {"lon": -122.43, "lat": 37.76}.get(name, chance.randint(1, 3))
    if plain is bool:
        return chance.random() < 0.5
    return f"some {name}" if plain is str else None if plain is None else ()


def _choices(hint: Any) -> tuple[Any, ...]:
    """Return the values of an enumeration or of a literal; () for any other type."""
    if typing.get_origin(hint) is typing.Annotated:
        return _choices(typing.get_args(hint)[0])
    if typing.get_origin(hint) is typing.Literal:
        return typing.get_args(hint)
    return tuple(hint) if isinstance(hint, type) and issubclass(hint, enum.Enum) else ()


def _plain(hint: Any) -> Any:
    """Return str, int, float or bool for a field of that type, tuple for a list, else None."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _plain(args[0])
    if args and type(None) in args:
        return _plain(next(arg for arg in args if arg is not type(None)))
    if origin is tuple:
        return tuple
    return hint if hint in (str, int, float, bool) else None


def a_day(hub: Hub, seed: int, commands: int, roles: Iterable[str]) -> list[Recorded]:
    """Give a hub random commands in every role, ring what falls due; return what was recorded."""
    chance = random.Random(seed)
    actors = [Actor(name=f"a {role}", role=role) for role in roles]
    recorded: list[Recorded] = []
    hub.subscribe(lambda batch, head: recorded.extend(batch))
    if "followup" in hub.state:
        carried_through(hub)
        referred_through(hub)
        supported_through(hub)
    for number in range(commands):
        now_us = hub.clock.now_us()
        command = random_command(hub.rooms, chance, number, now_us)
        for actor in actors:
            if isinstance(hub.do(command, actor), Accepted):
                break
        hub.ring(now_us)
        hub.commit()
        hub.clock.set(now_us + chance.randint(0, 120) * 1_000_000)  # type: ignore[attr-defined]
    return recorded


def referred_through(hub: Hub) -> None:
    """Refer an incident three times, with sealed words at every step: chance knows no number."""
    desk = Actor(name="a desk", role="supervisor")
    refer = {"incident": "I9", "agency": "coast", "kind": "Fire", "words": MARK, "door": MARK}
    for tag, fields, end in (
        ("AcceptReferral", {}, "Withdraw"), ("DeclineReferral", {"why": "not ours"}, "Settle"),
        ("ReturnReferral", {"result": "done"}, "Settle"),
    ):  # fmt: skip
        given(hub, desk, "matters.ReferIncident", refer | {"key": f"refer:{tag}"})
        number = next(reversed(hub.state["matters"].referrals))
        given(hub, desk, f"matters.{tag}", {"referral": number, "words": MARK, **fields})
        said = {"reason": "so it is"} if end == "Withdraw" else {"remark": "so it is"}
        told = {"referral": number, "key": f"end:{tag}", **said}
        given(hub, desk, f"matters.{end}Referral", told)


def supported_through(hub: Hub) -> None:
    """Ask for support twice, and carry it to thanks and to a complaint, sealed words on the way."""
    desk = Actor(name="a desk", role="supervisor")
    ask = {"incident": "I9", "unit": "E1", "kind": "Fire", "words": MARK}
    for end, why in (("ThankSupport", {}), ("ComplainSupport", {"why": "too late"})):
        given(hub, desk, "matters.AskSupport", ask | {"key": f"ask:{end}"})
        number = next(reversed(hub.state["matters"].support.open))
        for tag, fields in (
            ("AssignSupport", {"to": "coast"}), ("AcceptSupport", {}), ("BeginSupport", {}),
            ("ReportSupport", {"result": "done", "words": MARK}), (end, {"words": MARK, **why}),
        ):  # fmt: skip
            told = {"support": number, "key": f"{end}:{tag}", **fields}
            given(hub, desk, f"matters.{tag}", told)


def carried_through(hub: Hub) -> None:
    """Carry one call through to its end, with sealed words at every step: chance seldom does."""
    about = {"incident": "I9", "call": "C9"}
    desk, staff = Actor(name="a desk", role="supervisor"), Actor(name="a line", role="line")
    steps: list[tuple[str, dict[str, Any]]] = [
        ("intake.AnswerCall", {"call": "C9", "number": MARK}),
        ("intake.OpenIncident", {**about, "kind": "Fire", "priority": "3", "address": "1 Main St",
                                 "lon": -122.43, "lat": 37.76}),
        ("dispatch.CloseIncident", {"incident": "I9", "outcome": "served"}),
        ("followup.AnswerCallBack", {**about, "overall": 1, "words": MARK}),
    ]  # fmt: skip
    given(hub, staff, "intake.RingCall", {"call": "C9", "line": "911", "number": MARK})
    for tag, fields in steps:
        given(hub, desk, tag, fields)
    [right] = [name for name in hub.state["followup"].rights if name.startswith("I9R")]
    for tag, fields in (
        ("SpokeWithCaller", {"words": MARK}), ("AskAccount", {"unit": "E1"}),
        ("GiveAccount", {"unit": "E1", "words": MARK}),
        ("DoPutRight", {"what": "explained", "words": MARK}),
        ("RingBackAgain", {"happy": True, "words": MARK}),
    ):  # fmt: skip
        given(hub, desk, f"followup.{tag}", {"incident": "I9", "right": right, **fields})


def given(hub: Hub, actor: Actor, tag: str, fields: dict[str, Any]) -> None:
    """Have a command done that must be accepted."""
    cls = hub.rooms.commands[tag]
    asked = msgspec.convert({"type": tag, "key": f"through:{tag}:{actor.role}", **fields}, cls)
    outcome = hub.do(asked, actor)
    assert isinstance(outcome, Accepted), (tag, outcome)
    hub.commit()


def sealed_in(recorded: Iterable[Recorded]) -> set[tuple[type[Event], str]]:
    """Return which sealed fields of which events were really filled in a day."""
    return {
        (type(one.event), name)
        for one in recorded
        for name in sealed_fields(type(one.event))
        if getattr(one.event, name)
    }
