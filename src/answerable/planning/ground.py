"""The ground of a made-up town: a grid of streets, areas, stations, units; all from one seed.

Travel time is the way along the grid at a constant speed: fast to work out, and enough for crews
who must arrive some minutes after they set out. Nothing of a real town is in it.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from answerable.towns.following import Barred, FollowingFile, Hours, Ringing
from answerable.towns.model import Agency, Kind, Need, RunCard, Town, TownFile, UnitSpec, UnitType
from answerable.towns.narrative import Answer, Instruction, Question, QuestionsFile
from answerable.towns.outcomes import Outcome, OutcomesFile, Reporting, ReportRule
from answerable.towns.supporting import Helper, SupportFile, SupportKind
from answerable.towns.terms import MattersFile

BLOCK_DEG = 0.001
"""The side of a block: about 100 m."""
SPEED_BLOCKS_S = 0.12
"""Blocks driven in a second: 12 m/s."""
PER_DAY = (30, 300)
"""Incidents a day, by seed; small towns are more frequent than large ones."""

DAYS = (
    ("America/Los_Angeles", "2018-11-04"), ("America/Los_Angeles", "2019-03-10"),
    ("Europe/Berlin", "2020-10-25"), ("Asia/Shanghai", "2020-02-29"),
    ("Australia/Lord_Howe", "2021-04-04"), ("Asia/Kathmandu", "2019-12-31"),
    ("UTC", "2020-12-31"), ("America/Sao_Paulo", "2018-11-04"), ("Africa/Nairobi", "2021-06-01"),
)  # fmt: skip
"""Zones and days on which times have gone wrong before: the hour twice, the hour left out, the half
hour, the leap day, the last day of the year (B8)."""

KINDS = (
    ("Structure Fire", "Fire", "3", "fire"), ("Alarms", "Alarm", "2", "fire"),
    ("Medical Incident", "Potentially Life-Threatening", "3", "medical"),
    ("Fall", "Non Life-threatening", "2", "medical"), ("Noise", "Other", "1", "police"),
    ("Other", "Other", "1", "police"),
)  # fmt: skip
"""Kind, group, priority, discipline; the groups are those of the standards' ``where``."""


AGENCY = "water"
"""To whom a call for elsewhere goes."""
TRIES = 3
"""How often a caller is rung."""
FINAL = ("not in service",)
"""After what nobody rings again."""
RUNG = (("00:00", "23:59"), ("00:00", "23:59"), ("06:30", "22:00"))
"""The hours in which callers may be rung, by seed."""


SPECIALISTS = "LINE"
"""An agency outside that helps."""
SUPPORT = (
    SupportKind(
        code="drone", titles={"en": "Drone"}, by=("CAR", SPECIALISTS), grade=2, begin_minutes=20,
        result_minutes=30,
    ),
    SupportKind(
        code="engineer", titles={"en": "Engineer"}, by=("ENGINE", SPECIALISTS), grade=1,
        begin_minutes=30, result_minutes=60,
    ),
    SupportKind(code="interpreter", titles={"en": "Interpreter"}, by=(SPECIALISTS,)),
)  # fmt: skip
"""What help can be asked for; officers sign the first two."""
SCRIPT = QuestionsFile(
    questions=(
        Question("danger", {"en": "Is anybody in danger?"}, (
            Answer({"en": "Yes"}, instruct="leave"), Answer({"en": "No"}),
        )),
        Question("breathing", {"en": "Is there breath?"}, (
            Answer({"en": "Yes"}), Answer({"en": "No"}),
        ), kinds=("Medical Incident", "Fall")),
    ),
    instructions=(
        Instruction("leave", {"en": "Leave the house."}),
        Instruction("stay", {"en": "Do not move."}, kinds=("Fall",)),
    ),
)  # fmt: skip
"""What callers are asked and told."""


def _following(dice: random.Random) -> FollowingFile:
    """Return who is asked and when: falls are too delicate, alarms are reported by machines."""
    hours = Hours(*dice.choice(RUNG))
    return FollowingFile(
        languages={"en": "English", "zh-CN": "中文"},
        ringing=Ringing(
            hours=hours, free_days=hours, tries=TRIES, final=FINAL,
            again_min={"busy": 10, "no answer": 90, "wrong person": 120},
        ),
        barred=Barred(kinds=("Fall",), alarms=("Alarms",)),
    )  # fmt: skip


def _outcomes() -> OutcomesFile:
    """Return what crews may report: all owe one, but for police matters by anybody but the cars."""
    return OutcomesFile(
        agencies=(
            Reporting("police", {"en": "Police"}, ("CAR",)), Reporting("rescue", {"en": "Rescue"}),
        ),
        outcomes=(
            Outcome(code="helped", titles={"en": "Helped"}),
            Outcome(code="settled", titles={"en": "Settled"}, agencies=("police",)),
        ),
        rules=(
            ReportRule(
                owed=False, because={"en": "not theirs"}, disciplines=("police",),
                agencies=("rescue",),
            ),
            ReportRule(owed=True, because={"en": "they were there"}),
        ),
    )  # fmt: skip


class Spot(NamedTuple):
    """Where a position lies."""

    neighborhood: str
    battalion: str
    area_class: str
    distance_m: float


class Place(NamedTuple):
    """A place in the town: its words, and WGS84 degrees."""

    address: str
    lon: float
    lat: float


class Grid:
    """A square of streets around the origin; areas by quadrant, classes by distance from it."""

    def __init__(self, blocks: int) -> None:
        self.blocks = blocks

    def locate(self, lon: float, lat: float) -> Spot:
        """Return where a position (degrees) lies."""
        across, along = abs(lon) / BLOCK_DEG, abs(lat) / BLOCK_DEG
        share = max(across, along) / (self.blocks / 2)
        quarter = ("N" if lat >= 0 else "S") + ("E" if lon >= 0 else "W")
        area_class = "core" if share < 0.2 else "near" if share < 0.6 else "outer"
        return Spot(f"Quarter {quarter}", f"B{quarter[0]}", area_class, round(share * 30, 1))

    def place(self, dice: random.Random) -> Place:
        """Draw a place, more often near the middle."""
        half = self.blocks / 2
        across, along = (round(dice.triangular(-half, half, 0)) for _ in range(2))
        return Place(
            f"{abs(across) * 100} Block of Street {along}", across * BLOCK_DEG, along * BLOCK_DEG
        )


def drive_s(here: Place, there: Place) -> float:
    """Return the seconds of driving between two places."""
    blocks = (abs(here.lon - there.lon) + abs(here.lat - there.lat)) / BLOCK_DEG
    return 15 + blocks / SPEED_BLOCKS_S


class Ground(NamedTuple):
    """A town and everything its people need to know of it. ``begin_us`` is local midnight."""

    town: Town
    grid: Grid
    posts: dict[str, Place]
    per_day: int
    begin_us: int
    desks: int


def make_ground(dice: random.Random) -> Ground:
    """Make a town: its size, its day, its units, all drawn."""
    low, high = PER_DAY
    per_day = round(low + (high - low) * dice.random() ** 14)
    zone, day = dice.choice(DAYS)
    grid = Grid(blocks=20 + round(per_day**0.5) * 2)
    units = _units(3 + per_day // 12, dice)
    file = TownFile(
        name="simulated",
        titles={"en": "Simulated"},
        zone=zone,
        centre=(0.0, 0.0),
        kinds=tuple(Kind(code, {"en": code}, prio, disc) for code, _, prio, disc in KINDS),
        unit_types=tuple(UnitType(c, {"en": c}) for c in ("ENGINE", "MEDIC", "CAR")),
        run_cards=(
            RunCard("F1", (Need(("ENGINE",), 2), Need(("CAR",))), kinds=("Structure Fire",)),
            RunCard("M1", (Need(("MEDIC", "ENGINE")),), kinds=("Medical Incident", "Fall")),
            RunCard("X1", (Need(("CAR", "ENGINE", "MEDIC")),)),
        ),
        standards=(),
        agencies=(Agency(AGENCY, {"en": "Water"}, "ext. 7"),),
        priorities=("1", "2", "3"),
    )
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return Ground(
        town=Town(
            file,
            units,
            grid,
            outcomes=_outcomes(),
            following=_following(dice),
            script=SCRIPT,
            matters=MattersFile(grades={"dispatcher": 1, "supervisor": 2}),
            supporting=SupportFile(
                agencies=(Helper(code=SPECIALISTS, titles={"en": "Line"}),),
                kinds=SUPPORT,
                thanks_minutes=60,
            ),
        ),
        grid=grid,
        posts={unit.unit: grid.place(dice) for unit in units},
        per_day=per_day,
        begin_us=int(midnight.timestamp()) * 1_000_000,
        desks=2 + per_day // 60,
    )


def _units(count: int, dice: random.Random) -> tuple[UnitSpec, ...]:
    types = ("ENGINE", "MEDIC", "CAR")
    return tuple(
        UnitSpec(f"{kind[0]}{number}", kind, str(1 + number % 4), ("ALS",) * (dice.random() < 0.3))
        for number in range(1, count + 1)
        for kind in (types[number % 3],)
    )
