"""B11: no path of aliases reaches a right that a role was not given.

In TicketsCAD four aliases led a lesser role to the super-administrator's rights.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files

import msgspec
import pytest

from answerable.dispatch import words as w
from answerable.kernel.authority import Actor, Authority
from answerable.kernel.hub import Ask, Refused
from answerable.kernel.refusals import NotAllowed, NotYourUnit
from answerable.matters import matter_words as m
from answerable.matters import problem_words as p
from answerable.rooms import product
from tests.samples import sample
from tests.story import centre

TABLE = tomllib.loads(files("answerable").joinpath("authority.toml").read_text("utf-8"))
COMMANDS = product().commands
STRANGERS = (
    "", "Supervisor", "supervisor ", " supervisor", "SYSTEM", "admin", "root", "*",
    "crew,supervisor",
)  # fmt: skip


@pytest.mark.parametrize("role", [*TABLE, *STRANGERS])
def test_a_role_reaches_exactly_the_commands_that_its_own_lines_name(role):
    town = centre()
    given = set(TABLE.get(role, {}).get("commands", ()))
    for number, (tag, command) in enumerate(COMMANDS.items()):
        asked = sample(command, full=False, key=f"matrix-{number}")
        outcome = town.hub.do(asked, Actor(name="somebody", role=role))
        denied = isinstance(outcome, Refused) and isinstance(outcome.refusal, NotAllowed)
        assert denied == (tag not in given), (role, tag, outcome)


def test_every_command_in_the_table_exists_and_every_command_is_given_to_somebody():
    named = {tag for rights in TABLE.values() for tag in rights.get("commands", ())}
    assert named == set(COMMANDS)


def test_what_is_denied_is_not_recorded_and_uses_up_no_key(town):
    asked = w.PutOnDuty(key="duty-1", unit="E1", unit_type="ENGINE")
    assert isinstance(town.refused(asked, role="crew"), NotAllowed)
    assert town.hub.position == 0
    assert town.done(asked, role="dispatcher")


def test_the_name_of_a_person_gives_no_right():
    town = centre()
    for name in ("system", "supervisor", "a supervisor"):
        outcome = town.hub.handle(
            [Ask(w.TakeOffDuty(key=f"key-{name[:3]}", unit="E1"), Actor(name=name, role="crew"))]
        )[0]
        assert isinstance(outcome, Refused)
        assert isinstance(outcome.refusal, NotAllowed)


def test_a_key_of_somebody_with_the_right_lends_it_to_nobody(town):
    asked = w.PutOnDuty(key="duty-1", unit="E1", unit_type="ENGINE")
    town.done(asked, role="dispatcher")
    assert isinstance(town.refused(asked, role="crew", name="a dispatcher"), NotAllowed)


def test_the_table_knows_no_inheritance_alias_or_wildcard():
    for extra in ('inherits = "supervisor"', 'alias = "x"', "all = true"):
        with pytest.raises(msgspec.ValidationError):
            Authority.read(f"[crew]\n{extra}\n".encode())
    star = Authority.read(b'[crew]\ncommands = ["*", "dispatch.*"]\n')
    assert star.refuse(Actor(name="x", role="crew"), "dispatch.SendUnit")
    with pytest.raises(TypeError, match="unknown commands"):
        type(product())(product().rooms, star)


def test_what_the_service_does_by_itself_is_in_its_own_name_and_in_the_table(town):
    town.duty("E1")
    first, second = town.incident(), town.incident()
    town.done(w.SendUnit, incident=first, unit="E1")
    town.done(w.StackUnit, incident=second, unit="E1", reason="next door")
    town.done(w.ClearUnit, incident=first, unit="E1", role="crew", name="crew of E1", own="E1")
    cleared, sent = list(town.store.rows())[-2:]
    assert [(r.kind, r.actor) for r in (cleared, sent)] == [
        ("dispatch.UnitCleared", "crew of E1"),
        ("dispatch.UnitSent", "system"),
    ]
    assert w.SendUnit.tag in TABLE["system"]["commands"]
    assert w.SendUnit.tag not in TABLE["crew"]["commands"]


@pytest.mark.parametrize("own", ["", "E2", "e1", "E1 "])
def test_a_crew_acts_for_its_own_unit_and_for_no_other(own):
    town = centre().duty("E1", "E2")
    incident = town.incident()
    town.done(w.SendUnit, incident=incident, unit="E1")
    before = town.hub.position
    for step in (w.Acknowledge, w.GoEnRoute, w.Arrive, w.ClearUnit):
        refusal = town.refused(step, role="crew", own=own, incident=incident, unit="E1")
        assert isinstance(refusal, NotYourUnit)
        assert (refusal.unit, refusal.yours) == ("E1", own)
    assert town.hub.position == before
    town.done(w.Acknowledge, role="crew", own="E1", incident=incident, unit="E1")


def test_a_unit_that_one_acts_for_gives_no_right_to_another_role():
    town = centre().duty("E1")
    incident = town.incident()
    refusal = town.refused(w.SendUnit, role="crew", own="E1", incident=incident, unit="E1")
    assert isinstance(refusal, NotAllowed)
    town.done(w.SendUnit, role="dispatcher", own="E2", incident=incident, unit="E1")


def test_every_command_of_a_crew_about_a_unit_names_it_where_the_rule_looks():
    for tag in TABLE["crew"]["commands"]:
        fields = COMMANDS[tag].__struct_fields__
        named = {"unit", "matter", "problem", "support"} & set(fields)
        assert named or tag.startswith(("access.", "vault.")), tag


OF_A_MATTER = [tag for tag in TABLE["crew"]["commands"] if tag.startswith("matters.")
               and "matter" in COMMANDS[tag].__struct_fields__]  # fmt: skip
"""A crew's commands that name a matter; the matter's owner is the unit it acts for, or is not."""


@pytest.mark.parametrize("tag", OF_A_MATTER)
@pytest.mark.parametrize("owner", ["unit:E2", "role:supervisor"])
def test_a_crew_does_nothing_to_a_matter_that_is_not_its_units(tag, owner):
    town, (sort, name) = centre(), owner.split(":")
    town.done(m.OpenMatter, kind="Fire", words="see to it", owner_sort=sort, owner=name)
    before = town.hub.position
    asked = {"words": "seen to", "result": "some result"}
    fields = {k: v for k, v in asked.items() if k in COMMANDS[tag].__struct_fields__}
    refusal = town.refused(COMMANDS[tag], role="crew", own="E1", matter="M1", **fields)
    assert isinstance(refusal, NotYourUnit)
    assert town.hub.position == before


OF_A_PROBLEM = [tag for tag in TABLE["crew"]["commands"]
                if "problem" in COMMANDS[tag].__struct_fields__]  # fmt: skip
"""A crew's commands that name a problem; its owner is the unit it acts for, or its station."""


@pytest.mark.parametrize("tag", OF_A_PROBLEM)
@pytest.mark.parametrize("owner", ["E2", "supervisor"])
def test_a_crew_does_nothing_to_a_problem_that_is_not_its_units(tag, owner):
    town = centre()
    town.done(p.OpenProblem, place="10 OAK ST/ELM ST", because="often")
    town.done(p.TakeProblem, role="supervisor", problem="P1", owner=owner)
    town.done(p.PlanProblem, problem="P1", goal="quiet nights")
    due = town.hub.clock.now_us() + 86_400_000_000
    town.done(p.AddStep, problem="P1", what="a letter", due=due)
    before = town.hub.position
    asked = {"words": "seen to", "step": "P1.1"}
    fields = {k: v for k, v in asked.items() if k in COMMANDS[tag].__struct_fields__}
    refusal = town.refused(COMMANDS[tag], role="crew", own="E1", problem="P1", **fields)
    assert isinstance(refusal, NotYourUnit)
    assert town.hub.position == before


def test_without_its_line_in_the_table_the_service_does_nothing_by_itself():
    town = centre().duty("E1")
    first, second = town.incident(), town.incident()
    town.done(w.SendUnit, incident=first, unit="E1")
    town.done(w.StackUnit, incident=second, unit="E1", reason="next door")
    town.hub.rooms.authority.roles.pop("system")
    assert len(town.done(w.ClearUnit, incident=first, unit="E1")) == 1
    assert town.board.units["E1"].jobs == {second: "stacked"}
