"""Every role against every command, page and mark: decided in a frozen table, proved over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from answerable.access import words as access
from answerable.console import api
from answerable.console.phrases import may_see
from answerable.kernel.authority import Actor, Holder
from answerable.kernel.event import Mark, Recorded, Row, marks_of
from answerable.kernel.hub import Refused
from answerable.rooms import authority, product
from tests.attack import tables
from tests.attack.fitting import command_json
from tests.attack.scene import Answer, Besieged, form
from tests.samples import sample

ROLES = tuple(authority().roles)
ROOMS = product()
JSON = ("content-type", "application/json")


def body_of(tag: str, key: str) -> bytes:
    """Return a command as JSON that the door can read."""
    return msgspec.json.encode(command_json(ROOMS.commands[tag], key))


def credentials(siege: Besieged, role: str) -> tuple[tuple[str, str], ...]:
    """Return how somebody in a role shows who they are: a program its token, a person a cookie."""
    if Holder.TOKEN in siege.holders(role) and Holder.ACCOUNT not in siege.holders(role):
        return siege.bearer(role)
    return siege.cookie(role)


def of_another_unit(siege: Besieged, role: str, tag: str) -> bool:
    """Say whether a role acts for its own unit only and the command is about another one."""
    names_one = "unit" in command_json(ROOMS.commands[tag], "matrix-0000")
    return siege.rights.bound_to_unit(role) and names_one


def test_the_frozen_matrix_is_the_table_of_rights():
    assert tables.MATRIX.read_text("utf-8") == tables.matrix(ROOMS), (
        "Rights changed. Look at what changed, then: python -m tests.attack.tables"
    )


def test_every_command_of_the_matrix_can_be_asked_for_over_http():
    for tag in ROOMS.commands:
        assert type(ROOMS.command(body_of(tag, "matrix-0000"))) is ROOMS.commands[tag]


@pytest.mark.parametrize("role", ROLES)
def test_a_command_is_denied_with_403_and_nothing_recorded_unless_its_cell_gives_it(siege, role):
    async def scene() -> dict[str, tuple[int, str, int]]:
        told = {}
        for number, tag in enumerate(ROOMS.commands):
            headers = (*credentials(siege, role), JSON)
            before = siege.position
            body = body_of(tag, f"matrix-{role}-{number}")
            answer = await siege.ask("POST", "/api/commands", headers=headers, body=body)
            told[tag] = (answer.status, answer.code, siege.position - before)
        return told

    told = siege.run(scene)
    for tag, (status, code, recorded) in told.items():
        if tables.is_given(siege.rights, role, "command", tag):
            if of_another_unit(siege, role, tag):
                assert (status, code, recorded) == (403, "kernel.NotYourUnit", 0), (role, tag)
                continue
            assert status in (201, 409), (role, tag, status, code)
        else:
            assert (status, code, recorded) == (403, "kernel.NotAllowed", 0), (role, tag)


@pytest.mark.parametrize("role", ROLES)
def test_a_command_by_a_form_is_denied_alike(siege, role):
    async def scene() -> dict[str, tuple[Answer, int]]:
        told = {}
        for number, tag in enumerate(ROOMS.commands):
            body = command_json(ROOMS.commands[tag], f"form-{role}-{number}")
            fields = {k: v for k, v in body.items() if isinstance(v, str) and k != "token"}
            sent = form(token=siege.form_token(role), **fields)
            sent["headers"] = (*sent["headers"], *siege.cookie(role))
            before = siege.position
            told[tag] = (await siege.ask("POST", "/do", **sent), siege.position - before)
        return told

    denied = 0
    for tag, (answer, recorded) in siege.run(scene).items():
        if not tables.is_given(siege.rights, role, "command", tag):
            assert (answer.status in (400, 403), recorded) == (True, 0), (role, tag, answer)
            denied += answer.status == 403
    assert denied > 20


@pytest.mark.parametrize("role", ROLES)
def test_an_events_fields_are_told_to_a_role_by_their_marks_and_no_others(role):
    sees = {mark for mark in Mark if tables.is_given(ROOMS.authority, role, "mark", str(mark))}
    rights = may_see(ROOMS.authority, role)
    for tag, cls in ROOMS.events.items():
        event = sample(cls)
        body = ROOMS.forms[cls].encode(event)
        front, cut = body if isinstance(body, tuple) else (body, -1)
        row = Row(1, "x", tag, cls.version, 1, 1, "a", "k", 1, front, cut, b"")
        told = api.event_json(row, Recorded(row, event), rights)["event"]
        marks = marks_of(cls)
        assert set(told) == {name for name in event.__struct_fields__ if marks[name] in sees}, tag


@pytest.mark.parametrize("role", [r for r in ROLES if not authority().roles[r].held_by])
def test_a_role_that_nobody_may_hold_is_given_to_nobody(siege, role):
    boss = Actor("root.admin", "administrator")
    hub = siege.centre.hub
    siege_keys = iter(range(10))

    def asked(command: type, **fields: Any) -> Any:
        key = f"hold-{role}-{next(siege_keys)}"
        body = command_json(command, key, **(fields | {"role": role}))
        return hub.do(hub.rooms.command(msgspec.json.encode(body)), boss)

    until = siege.centre.now_us() + 1_000_000
    for outcome in (
        asked(access.OpenAccount, account=f"x.{role}"),
        asked(access.IssueToken, token=f"x-{role}", until=until),
        asked(access.RegisterHook, hook=f"x-{role}"),
    ):
        assert isinstance(outcome, Refused), outcome


def test_every_cell_is_one_of_the_sorts_that_are_proved():
    sorts = {cell.sort for cell in tables.cells(ROOMS)}
    assert sorts == {"holder", "mark", "page", "command"}
    assert len(tables.cells(ROOMS)) == len(ROLES) * len(tables.things(ROOMS))


def test_a_right_added_in_secret_is_seen_and_a_cell_that_is_not_kept_is_caught():
    roles = dict(ROOMS.authority.roles)
    crew = roles["crew"]
    changed = msgspec.structs.replace(crew, commands=crew.commands | {"access.OpenAccount"})
    planted = type(ROOMS)(
        ROOMS.rooms, type(ROOMS.authority)(roles=roles | {"crew": changed}), ROOMS.views
    )
    assert tables.matrix(planted) != tables.MATRIX.read_text("utf-8")
    assert tables.is_given(planted.authority, "crew", "command", "access.OpenAccount")
