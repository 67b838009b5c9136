"""Every check of a town: the fault is planted in a sound town, and exactly it is seen."""

from __future__ import annotations

import gzip
import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from answerable.standards.shelf import shelf
from answerable.towns.check import check_town
from answerable.towns.check.checker import catalogue, counted
from answerable.towns.check.table import CHECKS
from answerable.towns.check.where import TomlPlaces, feature_places
from answerable.towns.load import packaged_towns
from tests.towns import little

Plant = Callable[[Path], None]


def swap(name: str, old: str, new: str) -> Plant:
    """Replace a text that stands once in a file."""

    def plant(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        (folder / name).write_text(text.replace(old, new), "utf-8")

    return plant


def add(name: str, text: str) -> Plant:
    """Write further text at the end of a file."""

    def plant(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return plant


SUPPORT = """thanks_minutes = 60
"""
DOGS = """[[kind]]
code = "dogs"
title = { en = "Dogs", zh = "警犬", de = "Hunde" }
by = ["E1", "S2", "MEDIC", "KENNEL",
  "KENEL"]
[[agency]]
code = "KENNEL"
title = { en = "Kennel", zh = "犬舍", de = "Zwinger" }
"""
REFERRAL = """[[agency]]
code = "far"
title = { en = "Far", zh = "远", de = "Fern" }
direction = "across"
way = "desk"
may_see = ["kind"]
[[rule]]
code = "far"
why = { en = "Theirs", zh = "归他们", de = "Ihres" }
sees = ["kind"]
agency = "far"
kinds = ["Fier"]
"""

REPEATS = """\
[[cause]]
code = "fire"
title = { en = "Fire", zh = "火", de = "Feuer" }
kinds = ["fire", "med*"]
calls = 4
days = 28
"""


def gone(name: str) -> Plant:
    return lambda folder: (folder / name).unlink()


def whole(name: str, text: str) -> Plant:
    def plant(folder: Path) -> None:
        (folder / name).write_text(text, "utf-8")

    return plant


def raw(name: str, content: bytes) -> Plant:
    def plant(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return plant


def features(name: str, change: Callable[[list[Any]], object]) -> Plant:
    """Change the features of a GeoJSON file."""

    def plant(folder: Path) -> None:
        path = folder / name
        told = json.loads(path.read_text("utf-8"))["features"]
        change(told)
        path.write_text(little.collection(told), "utf-8")

    return plant


def streets(*more: Any) -> Plant:
    """Put further streets beside the grid."""
    return lambda folder: little.write_streets(folder, [*little.grid(), *more])


def both(*plants: Plant) -> Plant:
    def plant(folder: Path) -> None:
        for one in plants:
            one(folder)

    return plant


STREETS = "streets.geojson.gz"
MAP = "neighborhoods.geojson"
FAR = {"west": 9.56, "south": 47.15, "first": 1000}
UNPREPARED = gone("hub_labels.npz")
"""Streets that change make the prepared times a second fault; without them there is a note."""


def move(index: int, lon: float, lat: float) -> Callable[[list[Any]], object]:
    return lambda told: told[index]["geometry"].update(coordinates=[lon, lat])


def rename(index: int, name: str) -> Callable[[list[Any]], object]:
    return lambda told: told[index]["properties"].update(name=name)


OUTCOMES_AGAIN = little.OUTCOMES[little.OUTCOMES.index("[[outcome]]") :]
NARRATIVE_AGAIN = little.NARRATIVE.partition("\n")[2]

MATTERS = """[grades]
boss = 1
[[kind]]
code = "hazard"
title = { en = "Hazard", zh = "隐患", de = "Gefahr" }
source = "nobody's law"
term = { days = 9 }
norm = { days = 5, count = "working" }
grade = 3
"""
RESULT = """[[result]]
code = "done"
title = { en = "Done", zh = "办结", de = "Erledigt" }
"""

CASES: list[tuple[str, Plant, str, int, str]] = [
    # the check, the fault, the file, its line, words that must be said
    ("missing-file", gone("units.csv"), "units.csv", 0, "units that can be sent"),
    ("missing-file", gone(STREETS), STREETS, 0, "the streets"),
    ("absent-file", gone("holidays.toml"), "holidays.toml", 0, "Only"),
    ("unknown-file", both(gone("holidays.toml"), whole("holliday.toml", "")), "holliday.toml", 0,
     "holidays.toml"),
    ("broken-file", swap("town.toml", 'zone = "', "zone = '"), "town.toml", 4, "not TOML"),
    ("broken-file", raw("town.toml", b"name = '\xff'"), "town.toml", 0, "not UTF-8 text: byte 8"),
    ("broken-file", swap("stations.geojson", '"Station S2"', '"Station S2'),
     "stations.geojson", 3, "not GeoJSON"),
    ("broken-file", whole(MAP, "[]"), MAP, 1, "no FeatureCollection"),
    ("broken-file", add("units.csv", "E9,ENGINE,S1,\0\n" + '"' + "x" * 200_000), "units.csv", 8,
     "not CSV"),
    ("missing-key", swap("town.toml", 'zone = "Europe/Vaduz"\n', ""), "town.toml", 1,
     "zone is missing"),
    ("missing-key", swap("town.toml", 'priority = "low"\n', ""), "town.toml", 31,
     "kinds[3].priority is missing"),
    ("missing-key", swap("stations.geojson", '"id": "S2", ', ""), "stations.geojson", 3,
     "properties.id is missing"),
    ("unknown-key", swap("town.toml", "zone = ", "zoom = 11.0\nlanguage = []\nzone = "),
     "town.toml", 5, "Did you mean languages?"),
    ("wrong-value", swap("town.toml", "centre = [9.505, 47.105]", 'centre = "the middle"'),
     "town.toml", 5, "centre: expected"),
    ("wrong-value", swap("town.toml", "count = 2", "count = 0"), "town.toml", 41,
     "run_cards[1].needs[1].count"),
    ("wrong-value", swap("town.toml", 'title = { en = "Fire", zh', 'title = { zh'), "town.toml", 19,
     "no 'en'"),
    ("wrong-value", swap("holidays.toml", "day = 1\n", "day = 1\neaster = 3\n"), "holidays.toml", 3,
     "easter"),
    ("wrong-value", swap("battalions.csv", "7,B2", "seven,B2"), "battalions.csv", 3, "junction"),
    ("wrong-value", features("stations.geojson", move(1, 9.508, 147.0)), "stations.geojson", 3,
     "not a position on the earth"),
    ("wrong-columns", swap("units.csv", "unit,unit_type", "unit,type"), "units.csv", 1,
     "unit,unit_type,station,skills"),
    ("wrong-row", swap("units.csv", "E2,ENGINE,S2,\n", "E2,ENGINE\n"), "units.csv", 3,
     "has 2 values"),
    ("unknown-zone", swap("town.toml", "Europe/Vaduz", "Europe/Vadutz"), "town.toml", 4,
     "Did you mean Europe/Vaduz?"),
    ("centre-off-map", swap("town.toml", "[9.505, 47.105]", "[47.105, 9.505]"), "town.toml", 5,
     "longitude first"),
    ("unknown-standard", swap("town.toml", '"one-three-five"', '"one-tree-five"'), "town.toml", 8,
     "Did you mean one-three-five?"),
    ("double-code", add("town.toml", '[[unit_types]]\ncode = "MEDIC"\ntitle = { en = "M", '
     'zh = "M", de = "M" }\n'), "town.toml", 53, "first is in line 15"),
    ("unknown-type", swap("town.toml", '{ types = ["ENGINE"], count = 2 }',
     '{ types = ["ENGINE"], count = 2 },\n  { types = ["ENGIN"] }'), "town.toml", 42,
     "Did you mean ENGINE?"),
    ("unknown-type", swap("town.toml", 'code = "F1"\n',
     'code = "F1"\nalarms = [{ level = 2, adds = [{ types = ["MEDCI"] }] }]\n'),
     "town.toml", 39, "Did you mean MEDIC?"),
    ("unknown-area-of-card", swap("town.toml", 'code = "F1"\n',
     'code = "F1"\nareas = ["Wset", "B1", "core"]\n'), "town.toml", 39, "Did you mean West?"),
    ("unknown-type-of-rule", add("town.toml", """
[sending]
staffing = [{ unit_type = "MEDCI", least = 2 }]
rest = [{ after_job_s = 60, types = ["MEDIC"] }]
"""), "town.toml", 55, "Did you mean MEDIC?"),
    ("unknown-type-of-rule", add("town.toml", """
[sending]
expected = { types = ["ENGIN"], within_s = 60 }
"""), "town.toml", 55, "Did you mean ENGINE?"),
    ("unknown-place-of-rule", add("town.toml", """
[[sending.cover]]
code = "an engine"
types = ["ENGINE"]
each = "station"
only = ["S1", "S7"]
within_s = 60
"""), "town.toml", 58, "the station S7"),
    ("unknown-place-of-rule", add("town.toml", """
[sending.expected]
types = ["ENGINE"]
within_s = 60
[sending.expected.demand]
West = 1
Eats = 2
"""), "town.toml", 59, "Did you mean East?"),
    ("rule-without-place", both(features("stations.geojson", lambda told: [
        one["properties"].update(battalion="") for one in told]), add("town.toml", """
[[sending.cover]]
code = "an engine"
types = ["ENGINE"]
within_s = 60
""")), "town.toml", 54, "each battalion"),
    ("unknown-kind", swap("town.toml", 'kinds = ["Fire"]', 'kinds = ["Fire", "Fyre"]'),
     "town.toml", 39, "Did you mean Fire?"),
    ("unknown-priority", swap("town.toml", 'priorities = ["high"]', 'priorities = ["high", "hi"]'),
     "town.toml", 47, "Run card M1"),
    ("unknown-priority", swap("town.toml", 'priority = "low"', 'priority = "slow"'),
     "town.toml", 34, "Did you mean low?"),
    ("urgent-unlisted", swap("town.toml", 'urgent = ["high"]', 'urgent = ["high", "hihg"]'),
     "town.toml", 7, "Did you mean high?"),
    ("kind-without-card", swap("town.toml", 'code = "X1"\n', 'code = "X1"\nkinds = ["Medical"]\n'
     'priorities = ["low"]\n'), "town.toml", 31, "kind Other"),
    ("kind-without-card", swap("town.toml", 'code = "X1"\n', 'code = "X1"\nkinds = ["Other"]\n'
     'priorities = ["high"]\n'), "town.toml", 31, "at priority low"),
    ("card-never-used", add("town.toml", '[[run_cards]]\ncode = "Y1"\nkinds = ["Fire"]\n'
     'needs = [{ types = ["ENGINE"] }]\n'), "town.toml", 53, "card F1 before it"),
    ("type-without-unit", add("town.toml", '[[unit_types]]\ncode = "BOAT"\n'
     'title = { en = "Boat", zh = "艇", de = "Boot" }\n'), "town.toml", 53, "BOAT"),
    ("need-unmet", swap("town.toml", "count = 2", "count = 4"), "town.toml", 41, "the town has 3"),
    ("need-unmet", swap("town.toml", '["ALS"]', '["ALS", "BOAT"]'), "town.toml", 48,
     "with ALS and BOAT"),
    ("no-other-kind", swap("town.toml", 'code = "Other"', 'code = "Rest"'), "town.toml", 19,
     "Other"),
    ("english-unlisted", swap("town.toml", 'languages = ["en", ', "languages = ["), "town.toml", 3,
     "en"),
    ("missing-title", swap("town.toml", ', de = "Anderes"', ""), "town.toml", 33, "name in de"),
    ("missing-title", swap("holidays.toml", ', zh = "元旦"', ""), "holidays.toml", 4, "zh-CN"),
    ("unlisted-language", swap("town.toml", 'de = "Brand"', 'de = "Brand", fr = "Feu"'),
     "town.toml", 21, "name in fr"),
    ("accepted-error", both(swap("town.toml", "Europe/Vaduz", "Mars/Crater"),
     add("town.toml", '[[accepted]]\ncheck = "unknown-zone"\nof = "Mars/Crater"\nbecause = "x"\n')),
     "town.toml", 53, "no town can live with"),
    ("accepted-idle", add("town.toml", '[[accepted]]\ncheck = "need-unmet"\nof = "F1"\n'
     'because = "x"\n'), "town.toml", 53, "Nothing is wrong"),
    ("double-unit", add("units.csv", "E1,ENGINE,S2,\n"), "units.csv", 7, "first is in line 2"),
    ("unknown-unit-type", add("units.csv", "E4,ENGIEN,S2,\n"), "units.csv", 7,
     "Did you mean ENGINE?"),
    ("unknown-station", add("units.csv", "E4,ENGINE,S9,\n"), "units.csv", 7, "station S9"),
    ("unknown-station", both(swap("unit_homes.csv", "M1,S1", "M1,S4"),
     swap("units.csv", "M1,MEDIC,S1,", "M1,MEDIC,,")), "unit_homes.csv", 3, "station S4"),
    ("unknown-unit", add("unit_homes.csv", "E33,S3\n"), "unit_homes.csv", 4, "E33"),
    ("two-homes", add("unit_homes.csv", "E2,S3\n"), "unit_homes.csv", 4, "S2 in units.csv"),
    ("no-units", whole("units.csv", "unit,unit_type,station,skills\n"), "units.csv", 1, "no unit"),
    ("roads-in-pieces", both(streets(*little.grid(side=3, **FAR)), UNPREPARED), STREETS, 0,
     "9 of 45 junctions (20 %)"),
    ("labels-misfit", streets(little.street(900, 0, 35, [[9.5, 47.1], [9.51, 47.11]])),
     "hub_labels.npz", 0, "other streets"),
    ("labels-broken", raw("hub_labels.npz", b"not an archive"), "hub_labels.npz", 0,
     "cannot be used"),
    ("calibration-absurd", swap("calibration.toml", "factor = 1.1", "factor = -1.1"),
     "calibration.toml", 1, "no driving time"),
    ("calibration-odd", swap("calibration.toml", "start_s = 60.0", "start_s = 6000.0"),
     "calibration.toml", 4, "usual is 0 to 400"),
    ("double-station", features("stations.geojson", lambda told: told.append(told[0])),
     "stations.geojson", 5, "first is in line 2"),
    ("station-off-roads", features("stations.geojson", move(2, 9.505, 47.1128)),
     "stations.geojson", 4, "m from the nearest street"),
    ("station-outside", both(features("stations.geojson", move(2, 9.509, 47.11)), features(
        MAP, lambda told: told.__setitem__(1, little.area("East", 9.505, 9.5055)))),
     "stations.geojson", 4,
     "outside every area"),
    ("unnamed-area", both(features(MAP, rename(1, "")), swap("areas.toml", '"East"', "")), MAP, 3,
     "no name"),
    ("double-area", both(features(MAP, rename(1, "West")), swap("areas.toml", '"East"', "")), MAP,
     3, "first is in line 2"),
    ("bad-polygon", features(MAP, lambda told: told[1]["geometry"].update(coordinates=[
        [[9.505, 47.099], [9.511, 47.111], [9.511, 47.099], [9.505, 47.111], [9.505, 47.099]]])),
     MAP, 3, "self-intersection"),
    ("areas-overlap", features(MAP, lambda told: told.__setitem__(
        1, little.area("East", 9.503, 9.511))), MAP, 3, "share 33 %"),
    ("unknown-area", swap("areas.toml", 'near = []', 'near = ["Wset"]'), "areas.toml", 5,
     "Did you mean West?"),
    ("area-in-two-classes", swap("areas.toml", 'near = []', 'near = ["West"]'), "areas.toml", 5,
     "as near and as core"),
    ("area-unclassed", swap("areas.toml", '["East"]', "[]"), "areas.toml", 3, "East"),
    ("matters-unsigned", add("matters.toml", MATTERS + RESULT), "matters.toml", 3, "grade 3"),
    ("matters-no-result", add("matters.toml", MATTERS.replace("grade = 3", "grade = 1")),
     "matters.toml", 0, "could come to"),
    ("retention-kind", swap("retention.toml", '["call"]', '["call", "Fires"]'), "retention.toml", 3,
     "Did you mean"),
    ("retention-idle", add("retention.toml", "[[rule]]\nerase_days = 9\n"
     "because = 'never reached'\n"),
     "retention.toml", 10, "never reached"),
    ("retention-never", swap("retention.toml", "erase_days = 365\n", ""), "retention.toml", 0,
     "never erased"),
    ("script-kind", swap("narrative.toml", 'kind = "Fire"', 'kind = "Fier"'), "narrative.toml", 4,
     "The word rule smoke is about the kind Fier"),
    ("script-kind", swap("questions.toml", 'kinds = ["Fire"]', 'kinds = ["Flood"]'),
     "questions.toml", 3, "The question out is about the kind Flood"),
    ("script-kind", swap("questions.toml", 'priority = "high"', 'kind = "Fier"'), "questions.toml",
     7, "Did you mean Fire?"),
    ("unknown-priority", swap("questions.toml", 'priority = "high"', 'priority = "hihg"'),
     "questions.toml", 7, "The question out has the priority hihg"),
    ("script-instruction", swap("questions.toml", 'de = "ja" }', 'de = "ja" }, instruct = "lwo"'),
     "questions.toml", 6, "Did you mean low?"),
    ("script-silent", swap("questions.toml", ', instruct = "low"', ""), "questions.toml", 9,
     "Nothing brings the instruction low"),
    ("script-unsaid", swap("questions.toml", ', de = "nein"', ""), "questions.toml", 7,
     "The question out has words missing in de"),
    ("outcomes-unknown",
     swap("outcomes.toml", 'agencies = ["fire"]', 'agencies = ["fire", "fier"]'),
     "outcomes.toml", 11, "The outcome out names the agency fier, which there is not. Did you"),
    ("outcomes-unknown", swap("outcomes.toml", '["ENGINE"]', '["ENGIN"]'), "outcomes.toml", 4,
     "The agency fire names the type of unit ENGIN"),
    ("outcomes-none", swap("outcomes.toml", 'agencies = ["fire"]', 'kinds = ["Fire", "Other"]'),
     "outcomes.toml", 0, "A crew of fire owes a report of Medical"),
    ("outcomes-unknown", swap("outcomes.toml", 'agencies = ["fire"]',
     'agencies = ["fire"]\nkinds = ["Fire", "Medical", "Other", "Fires"]'), "outcomes.toml", 12,
     "The outcome out names the kind Fires, which there is not. Did you mean Fire?"),
    ("following-kind", add("following.toml", '[barred]\nkinds = ["Fire",\n "Fier"]\n'),
     "following.toml", 3, "Did you mean Fire? Correct it"),
    ("following-kind", add("following.toml", '[barred]\nalarms = ["Bells"]\n'), "following.toml",
     2, "Callers about Bells are not to be rung back, and that is no kind of this town."),
    ("unknown-key", add("following.toml", "[barred]\nkind = []\n"), "following.toml", 2, "kinds?"),
    ("script-kind", add("referral.toml", REFERRAL), "referral.toml", 12,
     "The referral rule far is about the kind Fier"),
    ("support-unknown", add("support.toml", SUPPORT + "complaint_kind = 'complaint'\n" + DOGS),
     "support.toml", 7, "Support dogs is given by KENEL, which is no unit"),
    ("support-complaint", add("support.toml", "complaint_kind = 'complain'\n"), "support.toml", 1,
     "Did you mean complaint?"),
    ("support-complaint", both(add("matters.toml", MATTERS.replace("grade = 3", "") + RESULT),
     add("support.toml", "complaint_kind = 'complaint'\n")), "support.toml", 1,
     "a matter of complaint"),
    ("repeats-uncaused", add("repeats.toml", REPEATS), "repeats.toml", 0, "keeps calling of Other"),
    ("wrong-value", add("repeats.toml", REPEATS * 2), "repeats.toml", 1, "two causes have"),
    ("script-unsaid", swap("outcomes.toml", ', de = "war dort"', ""), "outcomes.toml", 7,
     "The report rule 1 has words missing in de"),
    ("double-code", add("outcomes.toml", OUTCOMES_AGAIN), "outcomes.toml", 12,
     "The outcome out is there twice"),
    ("double-code", add("narrative.toml", NARRATIVE_AGAIN), "narrative.toml", 7,
     "The word rule smoke is there twice"),
    ("holiday-never", add("holidays.toml", '[[holiday]]\nname = { en = "Not", zh = "无", de = "Nie"'
     " }\nmonth = 6\nday = 31\n"), "holidays.toml", 7, "no such day"),
    ("holiday-never", swap("holidays.toml", "day = 1\n", "day = 1\nfrom_year = 2030\n"
     "until_year = 2020\n"), "holidays.toml", 3, "2030 lies after until_year 2020"),
    ("holiday-past", swap("holidays.toml", "month = 1\nday = 1\n", "date = 2020-01-01\n"),
     "holidays.toml", 3, "after 2020"),
    ("never-working", swap("holidays.toml", "\n\n[[", '\nweekend = ["monday", "tuesday", '
     '"wednesday", "thursday", "friday", "saturday", "sunday"]\n\n[['), "holidays.toml", 2,
     "Every day"),
    ("no-stations", both(features("stations.geojson", lambda told: told.clear()),
     gone("unit_homes.csv"), whole("units.csv",
     "unit,unit_type,station,skills\nE1,ENGINE,,\nE2,ENGINE,,\nM1,MEDIC,,ALS\n")),
     "stations.geojson", 1, "no station"),
    ("bad-streets", both(streets(little.street(901, 0, 1, [[9.5, 47.1]])), UNPREPARED), STREETS, 62,
     "segment 901"),
    ("bad-streets", both(streets(little.street(901, 0, 1, [[9.5, 47.1], [9.6, 47.2]],
     **{"class": "river"})), UNPREPARED), STREETS, 62, "river"),
    ("bad-streets", both(raw(STREETS, b"not an archive"), UNPREPARED), STREETS, 0, "gzip"),
    ("bad-streets", both(raw(STREETS, gzip.compress(b'{"features": [\n{]}')), UNPREPARED), STREETS,
     2, "malformed"),
]  # fmt: skip

WITH_NOTES = {"hub_labels.npz"}
"""Files whose absence is told beside the fault, where the plant takes them away."""


def seen(folder: Path) -> list[Any]:
    """Return what the checker says, less the notes of files the plant took away."""
    return [
        one
        for one in check_town(folder)
        if not (one.code == "absent-file" and one.file in WITH_NOTES)
    ]


@pytest.mark.parametrize(
    ("code", "plant", "file", "line", "said"),
    CASES,
    ids=[f"{case[0]}-{index}" for index, case in enumerate(CASES)],
)
def test_a_planted_fault_is_seen_where_it_is_and_nothing_else(town, code, plant, file, line, said):
    plant(town)
    found = seen(town)
    if code == "accepted-error":
        found = [one for one in found if one.code != "unknown-zone"]
    assert [(one.code, one.file, one.line) for one in found] == [(code, file, line)], "\n".join(
        one.text() for one in found
    )
    assert said in found[0].text()
    assert found[0].remedy.endswith((".", ")"))
    assert "{" not in found[0].text()
    assert "[Did" not in found[0].text()


def test_a_sound_town_has_nothing_wrong(sound_town):
    assert [one.text() for one in check_town(sound_town)] == []


@pytest.mark.parametrize("name", packaged_towns())
def test_every_packaged_town_is_sound(name):
    found = check_town(packaged_towns()[name])
    assert [one.text() for one in found if one.severity != "note"] == []


def test_no_folder_is_said_to_be_none(tmp_path):
    assert [one.code for one in check_town(tmp_path / "nowhere")] == ["no-folder"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_named(town):
    (town / "units.csv").chmod(0)
    assert [one.code for one in seen(town)] == ["unreadable"]


def test_a_file_that_is_no_file_is_missing(town):
    (town / "units.csv").unlink()
    (town / "units.csv").mkdir()
    assert [one.code for one in seen(town)] == ["missing-file"]


def test_a_piece_of_some_streets_is_told_with_its_street(town):
    big = little.grid(side=22)
    piece = little.grid(side=7, **FAR)
    little.write_streets(town, [*big, *piece])
    (town / "hub_labels.npz").unlink()
    told = seen(town)
    assert [one.code for one in told] == ["piece-cut-off"]
    assert "49 junctions near 9.56000, 47.15000" in told[0].what
    assert "Street" in told[0].what


def test_a_station_on_a_piece_of_its_own_is_told(town):
    """The only street by the station is one-way into nowhere: nothing leaves it for the rest."""
    away = [[9.503, 47.1121], [9.5035, 47.1121]]
    little.write_streets(town, [*little.grid(), little.street(950, 700, 701, away, way="forward")])
    features("stations.geojson", move(2, 9.503, 47.112))(town)
    (town / "hub_labels.npz").unlink()
    told = seen(town)
    assert [(one.code, one.line) for one in told] == [("station-cut-off", 4)]


def test_all_faults_are_told_and_not_only_the_first(town):
    swap("town.toml", "Europe/Vaduz", "Europe/Vadutz")(town)
    swap("town.toml", 'code = "MEDIC"\n', "")(town)
    swap("town.toml", "count = 2", "count = 0")(town)
    swap("units.csv", "E3,ENGINE", "E3,ENGIN")(town)
    codes = [(one.code, one.line) for one in seen(town) if one.file == "town.toml"]
    assert {("unknown-zone", 4), ("missing-key", 15), ("wrong-value", 40)} <= set(codes)
    assert "unknown-unit-type" in [one.code for one in seen(town)]


def test_an_accepted_warning_is_told_no_more(town):
    add("units.csv", "E4,ENGINE,S9,\n")(town)
    assert [one.code for one in seen(town)] == ["unknown-station"]
    row = '[[accepted]]\ncheck = "unknown-station"\nof = "E4"\nbecause = "it is on the lake"\n'
    add("town.toml", row)(town)
    assert seen(town) == []


def test_every_check_there_is_has_a_planted_fault_above():
    """A check that no test provokes may as well say nothing."""
    elsewhere = {"no-folder", "unreadable", "piece-cut-off", "station-cut-off"}
    mapping = {"bad-mapping", "calls-unmapped"}  # tests/console/test_town_command.py
    assert {case[0] for case in CASES} | elsewhere == set(CHECKS) - mapping


def test_the_catalogue_of_the_checker_is_the_shelf_of_the_product():
    assert catalogue() == shelf()


def test_findings_are_counted_in_words(town):
    swap("town.toml", "Europe/Vaduz", "x")(town)
    add("units.csv", "E4,ENGINE,S9,\nE5,ENGINE,S9,\n")(town)
    assert counted(seen(town)) == "1 error, 2 warnings"
    assert counted([]) == "nothing wrong"


# -- places in files -------------------------------------------------------------------------


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    """Return the path of everything in a parsed value."""
    inside: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    found = {path} if path else set()
    for key, item in inside:
        found |= paths_in(item, (*path, key))
    return found


ODD = '''
# a comment with = and [brackets]
a.b."c d".'e' = 1            # dotted and quoted
"quoted key" = """
two lines, [not] = a table
"""
literal = \'\'\'it's {odd}\'\'\'
when = 2024-02-29T10:00:00Z
list = [ "a,b", # a comment ]
  { x = [1, [2, 3]], y."z" = "}" },
]
[t]
[[t.rows]]
k = 1
[[t.rows]]
[t.rows.more]
deep = { er = [] }
[[t.rows.many]]
n = 0
'''


PACKAGED = [path for folder in packaged_towns().values() for path in folder.glob("*.toml")]


@pytest.mark.parametrize(
    "text", [ODD, little.TOWN, *(path.read_text("utf-8") for path in PACKAGED)]
)
def test_the_walk_over_toml_finds_all_that_the_parser_finds(text):
    assert TomlPlaces(text).paths == paths_in(tomllib.loads(text))


def test_lines_and_columns_are_those_an_editor_shows():
    places = TomlPlaces(ODD)
    assert (places.place(("t", "rows", 1, "more", "deep")).line) == 17
    at = places.place(("list", 1, "x"))
    assert (at.line, at.column) == (10, 5)
    assert places.place(("nowhere",)).line == 1
    assert places.place(("t", "rows", 0, "absent")).line == 13


def test_features_are_found_with_text_and_brackets_in_them():
    text = '{"a": 1, "features" : [\n {"p": "]}"} ,{"q": [1]}\n,\n{}]}'
    assert [(p.line, p.column) for p in feature_places(text)] == [(2, 2), (2, 15), (4, 1)]
