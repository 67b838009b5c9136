"""The rules beside the run cards: crews, rest, cover left behind, and who helps when units lack.

All of it is data of ``town.toml`` under ``[sending]`` and is adopted with the run cards. Every part
may be left out, and a town that says nothing sends as it always did: the nearest that is able.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""A word of ours in the town's files."""
Seconds = Annotated[int, msgspec.Meta(ge=0, le=86_400)]
Each = Literal["station", "battalion", "neighborhood"]
"""What a rule of cover holds for, one by one."""
RULES_MAX = 24
DAY_S = 86_400


class Staffing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit of this type is sent with ``least`` people or more.

    A unit that has not told how many it has counts as enough.
    """

    unit_type: Code
    least: Annotated[int, msgspec.Meta(ge=1, le=50)]


class Rest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a crew rests: it is passed over unless it is needed, and that is then said.

    It rests for ``after_job_s`` seconds after each job, and while its jobs made up ``work_s`` or
    more of the last ``within_s`` seconds. 0 leaves that half out. Without ``types`` all rest.
    """

    after_job_s: Seconds = 0
    work_s: Seconds = 0
    within_s: Seconds = 0
    types: tuple[Code, ...] = ()

    def __post_init__(self) -> None:
        """Refuse more work than the time it is counted in (ValueError)."""
        if bool(self.work_s) != bool(self.within_s) or self.work_s > self.within_s:
            raise ValueError("work_s and within_s go together, and work_s is not the longer one")


class CoverRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each of these places keeps ``least`` free units of these types within ``within_s`` by road.

    ``each`` says what the places are, ``only`` which of them; none named: all of the town.
    """

    code: Code
    types: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1)]
    within_s: Annotated[int, msgspec.Meta(ge=1, le=86_400)]
    each: Each = "battalion"
    least: Annotated[int, msgspec.Meta(ge=1, le=50)] = 1
    only: tuple[Code, ...] = ()


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The expected cover of these types, a score from 0 to 1 (``dispatch/cover.py``).

    ``busy`` is the share of its time in which a unit is on a job; ``demand`` weighs neighbourhoods
    against each other, by calls for example. One that is not listed weighs nothing; with no list
    all weigh the same.
    """

    types: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1)]
    within_s: Annotated[int, msgspec.Meta(ge=1, le=86_400)]
    busy: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    demand: dict[Code, Annotated[float, msgspec.Meta(ge=0, le=1e9)]] = {}


class MutualAid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may be asked for units of these types when the town's own do not suffice.

    ``agency`` is the agency's name, or the code of one of the town's ``agencies``.
    """

    agency: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    types: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1)]


class Sending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything beside the run cards that decides who is proposed.

    A unit farther away is proposed instead of the nearest only for rest or cover, and only as long
    as it needs at most ``detour_s`` more than the nearest; ``urgent_detour_s`` for the priorities
    that are driven to with lights and sirens.
    """

    staffing: Annotated[tuple[Staffing, ...], msgspec.Meta(max_length=RULES_MAX)] = ()
    rest: Annotated[tuple[Rest, ...], msgspec.Meta(max_length=RULES_MAX)] = ()
    cover: Annotated[tuple[CoverRule, ...], msgspec.Meta(max_length=RULES_MAX)] = ()
    expected: Expected | None = None
    mutual_aid: Annotated[tuple[MutualAid, ...], msgspec.Meta(max_length=RULES_MAX)] = ()
    detour_s: Seconds = 120
    urgent_detour_s: Seconds = 0

    def __post_init__(self) -> None:
        """Refuse two rules of cover under one code (ValueError)."""
        codes = [rule.code for rule in self.cover]
        if len(set(codes)) < len(codes):
            raise ValueError("two rules of cover have the same code")

    def crew_of(self, unit_type: str) -> int:
        """Return the least crew of a type; 0 where none is asked for."""
        return max((s.least for s in self.staffing if s.unit_type == unit_type), default=0)

    def named_types(self) -> tuple[str, ...]:
        """Return every type of unit that a rule names, each once."""
        named = [s.unit_type for s in self.staffing]
        named += [code for rest in self.rest for code in rest.types]
        named += [code for rule in self.cover for code in rule.types]
        named += list(self.expected.types if self.expected else ())
        named += [code for aid in self.mutual_aid for code in aid.types]
        return tuple(dict.fromkeys(named))


NOTHING_MORE = Sending()
"""The rules of a town that has none."""
