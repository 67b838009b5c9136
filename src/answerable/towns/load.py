"""Reading a town's folder: its file, its units, its holidays; refusals name the file."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import msgspec

from answerable.towns.following import FollowingFile
from answerable.towns.holidays import NO_HOLIDAYS, Calendar, HolidaysFile
from answerable.towns.model import Town, TownFile, UnitSpec
from answerable.towns.narrative import NOTHING_ASKED, NOTHING_HEARD, NarrativeFile, QuestionsFile
from answerable.towns.outcomes import NOTHING_OWED, OutcomesFile
from answerable.towns.referring import NOTHING_REFERRED, ReferralFile
from answerable.towns.repeating import REPEATS_FILE, read_repeats
from answerable.towns.retention import NOTHING_DUE, RetentionFile
from answerable.towns.supporting import SupportFile
from answerable.towns.terms import MattersFile

TOWN_FILE = "town.toml"
UNITS_FILE = "units.csv"
HOLIDAYS_FILE = "holidays.toml"
RETENTION_FILE = "retention.toml"
NARRATIVE_FILE = "narrative.toml"
QUESTIONS_FILE = "questions.toml"
OUTCOMES_FILE = "outcomes.toml"
REFERRAL_FILE = "referral.toml"
FOLLOWING_FILE = "following.toml"
DEFAULT_FOLLOWING = "default_following.toml"
MATTERS_FILE = "matters.toml"
SUPPORT_FILE = "support.toml"
UNITS_COLUMNS = ("unit", "unit_type", "station", "skills")


UNREADABLE = (
    msgspec.DecodeError, OSError, ValueError, ZoneInfoNotFoundError, csv.Error, RecursionError,
)  # fmt: skip
"""What reading a file of the town raises; the last for one that is nested without end."""


class TownRefused(Exception):
    """The town cannot be used; the three sentences say what to do."""


def packaged_towns() -> dict[str, Path]:
    """Return the towns that come with the product, by name."""
    root = Path(str(files("answerable.towns")))
    return {path.parent.name: path.parent for path in sorted(root.glob(f"*/{TOWN_FILE}"))}


def town_folder(name: str) -> Path:
    """Return the folder of a packaged town, or of a path to a town folder."""
    towns = packaged_towns()
    if name in towns:
        return towns[name]
    path = Path(name)
    if (path / TOWN_FILE).is_file():
        return path
    raise TownRefused(
        f"Not started: there is no town '{name}'. "
        f"It is neither one of {', '.join(towns) or 'the packaged towns'} nor a folder with a "
        "town.toml. Give one of those names, or the path of a town folder."
    )


def load_town(folder: Path) -> Town:
    """Read a town. Raises TownRefused naming the file and what is wrong in it."""
    try:
        file = msgspec.toml.decode((folder / TOWN_FILE).read_bytes(), type=TownFile)
        units = read_units((folder / UNITS_FILE).read_text("utf-8"))
        return Town(
            file, units, holidays=read_holidays(folder / HOLIDAYS_FILE),
            retention=read_retention(folder / RETENTION_FILE),
            narrative=read_narrative(folder / NARRATIVE_FILE),
            script=read_questions(folder / QUESTIONS_FILE),
            outcomes=read_outcomes(folder / OUTCOMES_FILE),
            referring=read_referral(folder / REFERRAL_FILE),
            following=read_following(folder / FOLLOWING_FILE),
            matters=read_matters(folder / MATTERS_FILE),
            repeats=read_repeats(folder / REPEATS_FILE),
            supporting=read_support(folder / SUPPORT_FILE),
        )  # fmt: skip
    except UNREADABLE as error:
        raise TownRefused(
            f"Not started: the town in {folder} cannot be read. {error}. "
            "Correct that file and start again."
        ) from error


def read_units(text: str) -> tuple[UnitSpec, ...]:
    """Read ``units.csv``: unit,unit_type,station,skills (skills separated by spaces)."""
    rows = csv.DictReader(io.StringIO(text))
    if rows.fieldnames is None or tuple(rows.fieldnames) != UNITS_COLUMNS:
        raise ValueError(f"units.csv has the columns {rows.fieldnames}")
    units = []
    for row in rows:
        if None in row or None in row.values():
            raise ValueError(f"units.csv line {rows.line_num} has not {len(UNITS_COLUMNS)} fields")
        skills = tuple(row["skills"].split())
        units.append(UnitSpec(row["unit"], row["unit_type"], row["station"], skills))
    return tuple(units)


def read_holidays(path: Path) -> Calendar:
    """Read ``holidays.toml``; a town without it has no holidays. Raises ValueError, OSError."""
    if not path.exists():
        return NO_HOLIDAYS
    return Calendar(msgspec.toml.decode(path.read_bytes(), type=HolidaysFile))


def read_retention(path: Path) -> RetentionFile:
    """Read ``retention.toml``; a town without it erases nothing. Raises ValueError, OSError."""
    if not path.exists():
        return NOTHING_DUE
    return msgspec.toml.decode(path.read_bytes(), type=RetentionFile)


def read_narrative(path: Path) -> NarrativeFile:
    """Read ``narrative.toml``; a town without it proposes nothing. Raises ValueError, OSError."""
    if not path.exists():
        return NOTHING_HEARD
    return msgspec.toml.decode(path.read_bytes(), type=NarrativeFile)


def read_outcomes(path: Path) -> OutcomesFile:
    """Read ``outcomes.toml``; without it nobody owes a report. Raises ValueError, OSError."""
    if not path.exists():
        return NOTHING_OWED
    return msgspec.toml.decode(path.read_bytes(), type=OutcomesFile)


def read_questions(path: Path) -> QuestionsFile:
    """Read ``questions.toml``; a town without it asks nothing. Raises ValueError, OSError."""
    if not path.exists():
        return NOTHING_ASKED
    return msgspec.toml.decode(path.read_bytes(), type=QuestionsFile)


def read_referral(path: Path) -> ReferralFile:
    """Read ``referral.toml``; a town without it refers nothing. Raises ValueError, OSError."""
    if not path.exists():
        return NOTHING_REFERRED
    return msgspec.toml.decode(path.read_bytes(), type=ReferralFile)


def read_following(path: Path) -> FollowingFile:
    """Read ``following.toml``; a town without it asks as the product comes. Raises as above."""
    if not path.exists():
        path = Path(str(files("answerable.towns") / DEFAULT_FOLLOWING))
    return msgspec.toml.decode(path.read_bytes(), type=FollowingFile)


def read_matters(path: Path) -> MattersFile:
    """Read ``matters.toml``; a town without it has the packaged one. Raises ValueError, OSError."""
    if not path.exists():
        path = Path(str(files("answerable.towns"))) / f"default_{MATTERS_FILE}"
    return msgspec.toml.decode(path.read_bytes(), type=MattersFile)


def read_support(path: Path) -> SupportFile:
    """Read ``support.toml``; a town without it has the packaged one. Raises ValueError, OSError."""
    if not path.exists():
        path = Path(str(files("answerable.towns"))) / f"default_{SUPPORT_FILE}"
    return msgspec.toml.decode(path.read_bytes(), type=SupportFile)
