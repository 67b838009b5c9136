"""Every act that is offered beside incidents and units has its line, and that line is accepted."""

from __future__ import annotations

from collections.abc import Iterator

from answerable.console import joining, thread
from answerable.console.acts import Act
from answerable.console.bar.grammar import Part, Sort, Verb
from answerable.console.bar.verbs import VERBS
from answerable.console.moving import offers
from answerable.dispatch import move_words as m
from answerable.dispatch import words as d
from answerable.intake import join_words as join
from answerable.intake import words as i
from answerable.kernel.authority import IMPORTER
from tests.console.bar.conftest import CALL, CLOSED, OPEN, OTHER
from tests.console.conftest import PLACE

SAMPLES = {
    Sort.WHEN: "+20m", Sort.KIND: "Structure Fire", Sort.PRIORITY: "2", Sort.STATION: "02",
    Sort.PLACE: "1500 Block of Market St", Sort.HOSPITAL: "Zuckerberg SF General",
    Sort.OUTCOME: "false alarm", Sort.NUMBER: "2", Sort.WORDS: "because it is so",
}  # fmt: skip
"""What somebody would fill in where the button's form has an empty field."""
STILL = "Still on it"
"""Said to the button and the line alike: an incident ends when its units are gone."""
FREE_CALL = "C200931077"
THIRD = "200930801"
"""An incident that is open, and joined to no other."""


def busy_board(desk) -> None:
    """Have units in every state a button knows: sent to at hospital, held, moved up, out."""
    do = desk.world.do
    place = {"address": "GOLDEN GATE AV/LARKIN ST", **PLACE}
    do(i.OpenIncident, IMPORTER, incident=THIRD, kind="Alarms", priority="3", **place)
    do(d.PutOnDuty, unit="E01", unit_type="ENGINE", station="01", skills=("ALS",))
    do(d.PutOnDuty, unit="E08", unit_type="ENGINE", station="08", skills=("ALS",))
    for unit in ("E03", "E36", "M12"):
        do(d.SendUnit, incident=OPEN, unit=unit)
    do(d.SendUnit, incident=OTHER, unit="T03")
    do(d.Acknowledge, incident=OPEN, unit="E36")
    for step in (d.Acknowledge, d.GoEnRoute, d.Arrive, d.Transport):
        do(step, incident=OPEN, unit="M12")
    do(d.StackUnit, incident=OTHER, unit="E36", reason="next")
    do(m.OrderMoveUp, unit="E07", station="36", reason="cover is broken")
    do(d.TakeOutOfService, unit="E08", reason="no crew")
    do(i.AnswerCall, call=FREE_CALL)
    do(i.AttachCall, call=CALL, incident=OPEN)
    do(i.AddNote, incident=OPEN, words="a note")
    do(join.LinkIncidents, incident=OPEN, other=OTHER, reason="one fire")


def offered(desk) -> Iterator[tuple[str, str, Act]]:
    """Yield every act offered on the board, with the incident that is chosen and what it is on."""
    front, phrases, role = desk.front, desk.front.phrases("en"), desk.session.actor.role
    for number in [*front.board.incidents, CLOSED]:
        line = front.board.line(number)
        if line is None:
            continue
        for act in thread.incident_acts(front, line, "", phrases, role):
            yield number, number, act
        for crew in thread.crews(front, line, phrases, role):
            for act in crew["acts"]:
                yield number, f"{crew['unit']} on {number}", act
        for part in joining.side(front, line, phrases, role).values():
            for one in part:
                for act in one.get("acts", ()):
                    yield number, number, act
    for unit in front.board.units.values():
        for act in offers.of_unit(front, unit, phrases, role):
            yield OPEN, unit.unit, act


def line_of(verb: Verb, act: Act) -> str:
    """Return the line of a verb that does what a button does, its fields filled in."""
    words = [f"/{verb.name}"]
    for part in sorted(verb.parts, key=lambda part: part.sort is Sort.WORDS):
        said = value_of(part, act)
        if said:
            words += [part.lead[0]] if part.led else []
            words.append(said)
    return " ".join(words)


def value_of(part: Part, act: Act) -> str:
    known = act.fixed.get(part.field) or next(
        (field.value for field in act.fields if field.name == part.field), ""
    )
    if known:
        return f"#{known}" if part.sort is Sort.INCIDENT else known
    if not part.need and part.sort is not Sort.WORDS:
        return ""
    if part.sort is Sort.INCIDENT:
        return f"#{THIRD}"
    if act.type == d.ReportBack.tag:
        return "treated"
    if part.sort is Sort.UNIT:
        stacks = act.type == d.StackUnit.tag
        return ("M12" if act.fixed["incident"] == OTHER else "T03") if stacks else "E01"
    if part.sort is Sort.CALL:
        return FREE_CALL
    return SAMPLES.get(part.sort, "")


def refused(desk, chosen: str, act: Act) -> list[str]:
    """Return what is said of each line that might do what a button does, [] where one is ready."""
    said = []
    for verb in VERBS:
        if act.type not in verb.commands:
            continue
        line = line_of(verb, act)
        told = desk.panel(line, chosen=chosen).preview
        if told.kind == "ready":
            return []
        said.append(f"{line}: {told.said}")
    return said or ["there is no such verb"]


def test_every_act_offered_on_a_busy_board_has_a_line_that_is_accepted(busy):
    busy_board(busy)
    acts = list(offered(busy))
    bad = {f"{act.type} ({about})": refused(busy, chosen, act) for chosen, about, act in acts}
    assert len({act.type for _chosen, _about, act in acts}) > 30
    wrong = {what: said for what, said in bad.items() if said and STILL not in said[0]}
    assert not wrong
    assert not bad[f"dispatch.CloseIncident ({THIRD})"]


def test_a_way_back_from_a_move_up_is_a_line_where_it_is_a_button(busy):
    busy_board(busy)
    units = {act.type: about for _chosen, about, act in offered(busy) if "MoveUp" in act.type}
    assert units["dispatch.CancelMoveUp"] == units["dispatch.EndMoveUp"] == "E07"
    told = busy.panel("/cancelmove E01 overtaken").preview
    assert told.kind == "no"
    assert "Cancel a move-up" in told.said
    assert "Back to its own station" not in told.said
