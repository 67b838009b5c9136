"""What is looked at of specialist support, and of the script of a call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from answerable.planning.world import World

SCRIPT = {"intake.QuestionAnswered": "question", "intake.InstructionGiven": "instruction"}


def late_steps_of_support_are_marked(world: World) -> Iterator[str]:
    """I3: a step of a request whose time is over is marked late, or ends it, by an alarm."""
    if world.server.hub is None:
        return
    for number, one in world.book.supports.open.items():
        if 0 < one.due_us <= world.rung_until_us and not one.late:
            late_s = (world.rung_until_us - one.due_us) / 1e6
            yield f"{number} waits for its next step, {late_s:.1f} s late, and no row says so"


def support_is_what_the_rows_say(world: World) -> Iterator[str]:
    """B3, I4: the rules have the requests that the rows leave open, as those say they stand."""
    if world.server.hub is None:
        return
    held, book = world.server.hub.state["matters"].support.open, world.book.supports.open
    if len(held) != len(book) or held.keys() != book.keys():
        yield f"the rules have the requests {sorted(held)}, the rows {sorted(book)}"
        return
    for number, one in book.items():
        mine, theirs = (one.state, one.to), (held[number].state, held[number].to)
        if mine != theirs:
            yield f"the rules have {number} {theirs}, the rows {mine}"


def every_request_comes_to_one_end(world: World) -> Iterator[str]:
    """I4: at rest every request for support has ended, in one way."""
    for number, one in world.book.supports.asked.items():
        if not one.end or number in world.book.supports.open:
            yield f"{number} is open at rest, {one.state}"


def what_support_tells_is_told_once(world: World) -> Iterator[str]:
    """I3, B14: of each late step and each complaint the supervisor was told, once."""
    told = world.book.supports.told
    for escalation, number in world.book.supports.owed.items():
        if (times := told.get(escalation, 0)) != 1:
            yield f"of {number} ({escalation}) the supervisor was told {times} times"


def only_the_script_is_asked_and_read_out(world: World) -> Iterator[str]:
    """I2: what was asked or read out is in the town's script, and about an incident that is."""
    script = world.ground.town.script
    known = {
        "question": {one.code for one in script.questions},
        "instruction": {one.code for one in script.instructions},
    }
    for row, said in world.fresh:
        if (name := SCRIPT.get(row.kind)) is None:
            continue
        if said[name] not in known[name]:
            yield f"position {row.position} has the {name} {said[name]}: the script does not"
        if said["incident"] not in world.book.matters:
            yield f"position {row.position} is about {said['incident']}, which never was"


def whoever_was_asked_is_waited_for_no_more(world: World) -> Iterator[str]:
    """I3, I4: at rest no clock to ask a caller is open: each of them was asked, or falls away."""
    if world.server.hub is None:
        return
    standards = world.server.hub.state["standards"]
    for number, run in standards.runs().items():
        if standards.clocks[run.clock].clock.starts != "followup.CallBackDue":
            continue
        call = run.rest or run.owner
        one = world.book.backs.calls.get(call)
        if one is None or one.begun or one.state != "due":
            yield f"clock {number} is open ({run.state}); the caller of {call} was asked"
