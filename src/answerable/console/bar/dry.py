"""Deciding a command as the hub would, on the state as it stands, without recording anything.

``decide`` is pure, so asking it changes nothing: what it answers now is what it would have answered
had Enter been pressed now.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import msgspec

from answerable.console import misread
from answerable.console.front import Front
from answerable.console.language import Language
from answerable.console.sanity import Refused
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command, Event
from answerable.kernel.hub import MATTERS, where
from answerable.kernel.refusals import Refusal
from answerable.kernel.room import Context

KEY = "dry-run-of-the-bar"


def command_of(front: Front, body: dict[str, Any], lang: Language) -> Command:
    """Decode a command as the door would. Raises Refused (400)."""
    try:
        return front.hub.rooms.command(msgspec.json.encode({"key": KEY, **body}))
    except (msgspec.DecodeError, ValueError) as error:
        raise misread.of_form(error, lang) from error


def decided(front: Front, actor: Actor, command: Command) -> Sequence[Event] | Refusal | str:
    """Return what would happen, or the refusal, or the place of a fault in a rule."""
    hub = front.hub
    with contextlib.ExitStack() as stack:
        for field, sort in MATTERS.items():
            if name := getattr(command, field, None):
                stack.enter_context(hub.at_hand(f"{sort}:{name}"))
        if (denied := hub.rooms.refuse(hub.state, command, actor)) is not None:
            return denied
        room = hub.rooms.room_of[type(command)]
        now_us = max(front.now_us(), hub.last_us)
        context = Context(
            at_us=now_us, now_us=now_us, actor=actor, town=hub.town,
            authority=hub.rooms.authority,
        )  # fmt: skip
        try:
            return room.deciders.table[type(command)](hub.state[room.name], command, context)
        except Exception as error:  # a fault in one rule must not stop the bar
            return where(error)


def foreseen(
    front: Front, actor: Actor, body: dict[str, Any], lang: Language
) -> Sequence[Event] | Refusal | Refused | str:
    """Return what a command's body would lead to; Refused where no command can be read from it."""
    try:
        command = command_of(front, body, lang)
    except Refused as refused:
        return refused
    return decided(front, actor, command)
