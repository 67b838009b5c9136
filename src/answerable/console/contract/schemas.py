"""JSON schemas of the very structs that are decoded and encoded, under their own names.

A component is called as the record calls it (``intake.AnswerCall``); a type inside one gets its
room before it (``access.Way``), an answer of the door only its class name.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec

from answerable.console.contract import answers
from answerable.console.contract.problems import DOOR, Door
from answerable.kernel.authority import Authority
from answerable.kernel.event import Command, Event, Mark, marks_of
from answerable.kernel.refusals import (
    KERNEL_REFUSALS,
    NotAllowed,
    NotYourArea,
    NotYourUnit,
    Refusal,
)
from answerable.kernel.room import Rooms

Schema = dict[str, Any]
HERE = "#/components/schemas/"
ANSWERS = (
    answers.Problem, answers.Answered, answers.Events, answers.BoardNow, answers.Incident,
    answers.PlaceAsked, answers.PlacesFound,
)  # fmt: skip
INSIDE = {
    "IncidentLine": answers.INSIDE_OF_INCIDENT,
    "JobLine": answers.INSIDE_OF_JOB,
    "UnitLine": answers.INSIDE_OF_UNIT,
}


def ref(name: str) -> Schema:
    """Return a reference to a component."""
    return {"$ref": HERE + name}


def components(rooms: Rooms) -> dict[str, Schema]:
    """Return every schema of the contract by its name."""
    found: dict[str, Schema] = {}
    for command in rooms.commands.values():
        _add(found, _of(command, command.tag))
        _dress_command(found[command.tag], command, rooms.authority)
    for event in rooms.events.values():
        _add(found, _of(event, event.tag))
        _dress_event(found[event.tag], event)
    for answer in ANSWERS:
        _add(found, _of(answer, answer.__name__))
    for name, fields in INSIDE.items():
        for field in fields:
            found[name]["properties"][field]["x-mark"] = Mark.INSIDE.value
    found["Problem"]["properties"]["code"] = {"type": "string", "pattern": r"^[a-z]+\.[A-Za-z]+$"}
    found["Told"] = _told(found["Told"], rooms)
    found["Command"] = _tagged(rooms.commands)
    found["Kind"] = {"title": "Kind", "type": "string", "enum": list(rooms.events)}
    return dict(sorted(found.items()))


def _add(found: dict[str, Schema], made: dict[str, Schema]) -> None:
    """Add schemas; two different ones of one name would describe each other's fields."""
    for name, schema in made.items():
        if found.setdefault(name, schema) != schema:
            raise ValueError(f"two types of the contract are called {name}: rename one")


def _of(cls: type[msgspec.Struct], name: str) -> dict[str, Schema]:
    """Return the schema of a struct and those of the types inside it, all closed."""
    _, made = msgspec.json.schema_components([cls], ref_template=HERE + "{name}")
    room = name.partition(".")[0] + "." if "." in name else ""
    names = {old: name if old == cls.__name__ else room + old for old in made}
    return {names[old]: _closed(_renamed(schema, names)) for old, schema in made.items()}


def _renamed(part: Any, names: dict[str, str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(part, dict):
        renamed = {key: _renamed(value, names) for key, value in part.items()}
        if isinstance(at := part.get("$ref"), str):
            renamed["$ref"] = HERE + names[at.removeprefix(HERE)]
        return renamed
    return [_renamed(one, names) for one in part] if isinstance(part, list) else part


def _closed(schema: Schema) -> Schema:
    if schema.get("type") == "object" and "properties" in schema:
        schema.setdefault("additionalProperties", False)
    if text := schema.get("description"):
        schema["description"] = inspect.cleandoc(text).replace("``", "`")
    return schema


def _dress_command(schema: Schema, command: type[Command], authority: Authority) -> None:
    """Say which roles are given a command."""
    schema["properties"]["type"] = {"type": "string", "const": command.tag}
    schema["x-roles"] = [role for role in authority.roles if authority.may_do(role, command.tag)]


def _dress_event(schema: Schema, event: type[Event]) -> None:
    """Say who may see each field, the event's version, and its sentence.

    No field is required: one a role may not see is absent, and so is one at its default.
    """
    for name, mark in marks_of(event).items():
        schema["properties"][name]["x-mark"] = mark.value
        if mark is Mark.SEALED:
            schema["properties"][name]["description"] = "The commitment to it, never the words."
    schema.pop("required", None)
    schema |= {"x-version": event.version, "x-said": event.said}


def _told(schema: Schema, rooms: Rooms) -> Schema:
    """Return the schema of an event as it is told: its fields are those of its kind."""
    schema["properties"]["type"] = ref("Kind")
    schema["properties"]["version"]["minimum"] = 1
    schema["properties"]["position"]["minimum"] = 1
    schema["oneOf"] = [
        {"properties": {"type": {"const": tag}, "event": ref(tag)}} for tag in rooms.events
    ]
    return schema


def _tagged(tags: Iterable[str]) -> Schema:
    """Return the schema of any command, told apart by its type."""
    return {
        "title": "Command",
        "description": "Any command. `type` says which; `key` makes it idempotent.",
        "oneOf": [ref(tag) for tag in tags],
        "discriminator": {
            "propertyName": "type",
            "mapping": {tag: HERE + tag for tag in tags},
        },
    }


# -- refusals --------------------------------------------------------------------------------


def refusals(rooms: Rooms) -> list[Door]:
    """Return every refusal of the contract: the door's, the kernel's, the rooms'."""
    inner = [_as_door(cls) for cls in (*KERNEL_REFUSALS, *rooms.refusals.values())]
    return [*DOOR, *inner]


def _as_door(cls: type[Refusal]) -> Door:
    status = 403 if issubclass(cls, (NotAllowed, NotYourArea, NotYourUnit)) else 409
    return Door(cls.code, status, cls.not_done, cls.because, cls.instead, ("commands",))
