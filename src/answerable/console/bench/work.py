"""What a measured client does: whole lives of incidents, as a desk would work them.

One life is nine commands: a call is answered, an incident opened, a unit sent, the unit takes its
four steps and clears, and the incident is closed. Every client has a unit of its own, so that no
command is refused for another client's sake; every refusal is counted as a fault of the run.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from answerable.towns.model import Town

Command = dict[str, object]
STEPS = ("Acknowledge", "GoEnRoute", "Arrive", "ReportBack", "ClearUnit")


@dataclass(frozen=True, slots=True)
class Setting:
    """What the commands need of a town: kind, priority, unit type, places on streets, outcome."""

    kind: str
    priority: str
    unit_type: str
    places: tuple[tuple[float, float], ...]
    code: str = ""

    @classmethod
    def of(cls, town: Town, places: tuple[tuple[float, float], ...]) -> Setting:
        """Take the town's first kind, with its usual priority, first unit type and outcome."""
        kind, unit_type, file = town.file.kinds[0], town.file.unit_types[0].code, town.outcomes
        listed = file.listed(kind.code, kind.discipline, file.agency_of(unit_type))
        code = listed[0].code if listed else ""
        return cls(kind.code, kind.priority, unit_type, places, code)


def new_key(client: str) -> str:
    """Return an idempotency key that begins with the time, as our own clients make them."""
    return f"bench-{time.time_ns():x}-{client}"


def lives(setting: Setting, client: str, seed: int) -> Iterator[Command]:
    """Yield one client's commands without end: its unit comes on duty, then life after life."""
    chance = random.Random(seed)  # noqa: S311 - places of a load, not a secret
    unit = f"BENCH {client}"
    yield _on_duty(setting, client, unit)
    number = 0
    while True:
        number += 1
        yield from _life(setting, client, unit, f"B{client}-{number:06d}", chance)


def _on_duty(setting: Setting, client: str, unit: str) -> Command:
    return {
        "type": "dispatch.PutOnDuty", "key": new_key(client), "unit": unit,
        "unit_type": setting.unit_type,
    }  # fmt: skip


def _life(
    setting: Setting, client: str, unit: str, incident: str, chance: random.Random
) -> Iterator[Command]:
    lon, lat = setting.places[chance.randrange(len(setting.places))]
    call = f"C{incident}"
    yield {"type": "intake.AnswerCall", "key": new_key(client), "call": call}
    yield {
        "type": "intake.OpenIncident", "key": new_key(client), "call": call, "incident": incident,
        "kind": setting.kind, "priority": setting.priority, "address": "measured load",
        "lon": lon, "lat": lat,
    }  # fmt: skip
    yield {
        "type": "dispatch.SendUnit", "key": new_key(client), "incident": incident, "unit": unit,
        "why": "measured load",
    }  # fmt: skip
    for step in STEPS:
        command: Command = {
            "type": f"dispatch.{step}", "key": new_key(client), "incident": incident, "unit": unit,
        }  # fmt: skip
        if step == "ReportBack":
            command |= {"code": setting.code, "outcome": "measured load"}
        yield command
    yield {
        "type": "dispatch.CloseIncident", "key": new_key(client), "incident": incident,
        "outcome": "measured load",
    }  # fmt: skip
