"""The contract is true: a valid document, made of the words themselves, that real answers fit."""

from __future__ import annotations

import ast
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31, make_validator

from answerable.console.contract import answers, problems, routes
from answerable.console.contract.openapi import document, encoded
from answerable.dispatch import words as d
from answerable.dispatch.views import CallLine, IncidentLine, JobLine, UnitLine
from answerable.intake import words as i
from answerable.kernel.event import Mark, marks_of
from answerable.rooms import product
from tests.console.conftest import World
from tools.reference.http import CONSOLE, refusals

ROOMS = product()
MADE = document(ROOMS)
SCHEMAS = MADE["components"]["schemas"]
DRAFT = "https://json-schema.org/draft/2020-12/schema"


def fits(name: str, value: Any) -> list[str]:
    """Return what is wrong with a value, seen from a component of the contract."""
    whole = {
        "$schema": DRAFT,
        "$ref": f"#/components/schemas/{name}",
        "components": MADE["components"],
    }
    return [str(error) for error in jsonschema_rs.validator_for(whole).iter_errors(value)]


# -- the document ----------------------------------------------------------------------------


def test_the_document_is_openapi_3_1():
    validator = make_validator(OPENAPI_31, jsonschema_rs.Draft202012Validator)
    assert [str(error) for error in validator.iter_errors(MADE)] == []


def test_a_document_that_is_not_is_caught():
    validator = make_validator(OPENAPI_31, jsonschema_rs.Draft202012Validator)
    assert list(validator.iter_errors(MADE | {"paths": {"board": {}}}))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_component_is_a_schema_whose_references_lead_somewhere(name):
    jsonschema_rs.meta.validate(SCHEMAS[name] | {"$schema": DRAFT})
    fits(name, None)


def test_every_command_event_and_refusal_is_there_by_its_own_name():
    told = {one["$ref"].rpartition("/")[2] for one in SCHEMAS["Command"]["oneOf"]}
    assert told == set(ROOMS.commands) == set(SCHEMAS["Command"]["discriminator"]["mapping"])
    assert set(ROOMS.events) <= set(SCHEMAS)
    assert {one["code"] for one in MADE["x-refusals"]} >= set(ROOMS.refusals)


def test_no_object_of_named_fields_takes_another_field():
    open_ones = [
        name
        for name, schema in SCHEMAS.items()
        if "properties" in schema and schema.get("additionalProperties") is not False
    ]
    assert open_ones == []


def test_the_marks_versions_and_sentences_of_events_are_those_of_the_words():
    for tag, event in ROOMS.events.items():
        told = SCHEMAS[tag]
        marks = {name: part["x-mark"] for name, part in told["properties"].items()}
        assert marks == {name: mark.value for name, mark in marks_of(event).items()}
        assert (told["x-version"], told["x-said"]) == (event.version, event.said)


def test_the_roles_of_a_command_are_those_of_the_table_of_rights():
    for tag in ROOMS.commands:
        given = [name for name, one in ROOMS.authority.roles.items() if tag in one.commands]
        assert SCHEMAS[tag]["x-roles"] == given


def test_the_addresses_are_those_that_are_served(world):
    served = {
        path.replace(":str", "")
        for handler in (*routes.read_routes(world.app), *routes.raw_routes(world.app))
        for path in handler.paths
    }
    assert served == set(MADE["paths"])


def test_the_doors_refusals_are_those_that_are_raised():
    raised = refusals() | refusals(CONSOLE / "contract")
    for one in problems.DOOR:
        status, text = raised[one.code]
        assert status in (0, one.status), one.code
        sentences = (one.not_done, one.because, one.instead)
        if all(sentences):
            assert text == " ".join(sentences)
    listed = {one.code for one in problems.DOOR}
    written = set()
    own = (CONSOLE / "api.py", CONSOLE / "signin" / "bearer.py")
    for path in (*own, *sorted((CONSOLE / "contract").glob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                written |= {a.value for a in node.args if isinstance(a, ast.Constant)}
    codes = {code for code in written if str(code).startswith("console.")}
    of_forms = {"console.NoToken", "console.NoLetter"}
    assert codes - listed == of_forms, "what a form is refused for is no part of the contract"


# -- what is told fits it --------------------------------------------------------------------


def busy(world: World) -> str:
    """Make things happen, sealed ones too, and return an incident in the middle of it."""
    incident = world.incident(door="Apt 4", unverified="no such crossing")
    both = {"incident": incident, "unit": "E03"}
    for step in (d.SendUnit, d.Acknowledge, d.Arrive):
        world.do(step, **both)
    world.do(i.AddNote, incident=incident, words="the caller's words")
    world.do(d.TakeOutOfService, unit="E36", reason="a flat tyre")
    world.do(i.AnswerCall, number="555 0100")
    return incident


@pytest.mark.parametrize("role", ["dispatcher", "reader"])
def test_what_is_told_to_a_role_fits_the_contract(world, role):
    incident = busy(world)
    session = world.session(role)
    api = world.app.api
    for name, told in (
        ("BoardNow", api.board(session)), ("Incident", api.incident(session, incident)),
        ("Events", api.events(session, 0, 1000)),
    ):  # fmt: skip
        assert fits(name, as_json(told)) == []


def as_json(told: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(told))


def test_an_answer_with_a_field_too_many_or_of_another_kind_does_not_fit(world):
    busy(world)
    told = as_json(world.app.api.events(world.session("dispatcher"), 0, 5))
    one = told["events"][0]
    assert fits("Events", told) == []
    assert fits("Told", one | {"colour": "red"})
    assert fits("Told", one | {"type": "intake.CallRung"})
    assert fits("Told", one | {"event": one["event"] | {"colour": "red"}})


def test_a_role_that_sees_open_fields_only_gets_nothing_inside_or_sealed(world):
    incident = busy(world)
    reader, dispatcher = world.session("reader"), world.session("dispatcher")
    api = world.app.api
    for ask in (api.board, lambda who: api.incident(who, incident)):
        told, whole = str(as_json(ask(reader))), str(as_json(ask(dispatcher)))
        assert "no such crossing" in whole
        assert not {"no such crossing", "a flat tyre"} & {told}
        for inside in ("no such crossing", "a flat tyre", "sealed:"):
            assert inside not in told
    jobs = as_json(api.board(reader))["incidents"][0]["jobs"]
    assert jobs["E03"]["eta_s"] is None


def test_every_field_of_the_board_that_an_event_marks_inside_is_kept_from_such_a_role():
    kept = {
        IncidentLine: answers.INSIDE_OF_INCIDENT, JobLine: answers.INSIDE_OF_JOB,
        UnitLine: answers.INSIDE_OF_UNIT, CallLine: (),
    }  # fmt: skip
    hidden = {
        name
        for event in product().events.values()
        if event.tag.startswith(("intake.", "dispatch."))
        for name, mark in marks_of(event).items()
        if mark is not Mark.OPEN
    }
    hidden |= {"held"}  # what a hold waits for: the reason of IncidentOnHold under another name
    for line, fields in kept.items():
        assert set(fields) == hidden & set(line.__struct_fields__)


def test_the_contract_is_described_once_a_process():
    assert encoded(product()) is encoded(product())
