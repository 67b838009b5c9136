"""``answerable repeats``: what it finds in a record, in words and as JSON, and what it refuses."""

from __future__ import annotations

import gzip
import io
import json
from datetime import date
from pathlib import Path

import msgspec
import pytest

from answerable.console.repeating import command
from answerable.console.repeating.command import Asked, run_repeats
from answerable.console.repeating.kept import read_past, write_past
from answerable.console.repeating.moments import end_us
from answerable.exchange.calls.problems import SourceRefused
from answerable.matters.repeats.calls import Call, Calls, Spot
from answerable.towns import load
from answerable.towns.load import town_folder
from tests.story import T0, ZONE

MAPPING = """
[source]
name = "a test"
zone = "America/Los_Angeles"
[columns]
call = "call"
kind = "kind"
place = "place"
lon = "lon"
lat = "lat"
[[stage]]
column = "opened"
steps = ["rung", "answered", "opened"]
required = true
[[stage]]
column = "over"
steps = ["cleared"]
"""
MINUTE_US = 60_000_000


SHARED = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture
def shared() -> Path:
    if not (SHARED / "dev").is_dir():
        pytest.skip("../shared/data is not here")
    return SHARED


@pytest.fixture
def record(tmp_path):
    """Return a record of four fires at a door, one call without a place, and its mapping."""
    lines = ["call,kind,place,lon,lat,opened,over"]
    for day in (1, 5, 9, 20):
        lines.append(
            f'{day},Outside Fire,"214 HYDE ST, APT {day}",-122.41590,37.78120,'
            f"2018-03-{day:02d} 10:00:00,2018-03-{day:02d} 11:00:00"
        )
    lines.append("99,Alarms,,,,2018-03-21 10:00:00,2018-03-21 10:05:00")
    file, mapping = tmp_path / "calls.csv", tmp_path / "mapping.toml"
    file.write_text("\n".join(lines) + "\n")
    mapping.write_text(MAPPING)
    return Asked(file, mapping=mapping)


def asked(one: Asked, *, as_json: bool = False, **more) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    wanted = msgspec.structs.replace(one, **more)
    code = run_repeats(wanted, as_json=as_json, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def test_it_says_which_place_and_why_and_never_a_door(record):
    code, out, err = asked(record)
    assert (code, err) == (0, "")
    assert "1  200 block of Hyde St\n     Fire and smoke · keeps happening" in out
    assert "4 calls of fire and smoke at 200 block of Hyde St in 28 days" in out
    assert "1 incidents name no place." in out
    assert "214" not in out
    assert "APT" not in out.upper()


def test_as_json_it_says_the_same(record):
    _code, out, _err = asked(record, as_json=True)
    found = json.loads(out)
    (one,) = found["repeats"]
    assert (one["place"], one["cause"], one["seen"]) == ("200 Block of Hyde St", "fire", 4)
    assert (one["sort"], one["p"], one["kinds"]) == ("keeps happening", None, ["Outside Fire"])
    assert found["incidents"] == 4


def test_it_can_be_asked_as_of_any_day_and_of_every_week(record):
    assert "No place keeps calling by these rules." in asked(record, on="2018-03-19")[1]
    out = asked(record, weekly=True)[1]
    assert "20 Mar 2018\n  200 block of Hyde St" in out.replace("\n\n", "\n")
    looks = json.loads(asked(record, weekly=True, as_json=True)[1])
    assert [len(one["repeats"]) for one in looks["looks"]] == [0, 0, 1]
    assert looks["no_place"] == 1


def test_what_cannot_be_used_is_refused_in_three_sentences(record, tmp_path):
    code, out, err = asked(record, on="soon")
    assert (code, out) == (2, "")
    assert err == "No places were looked for. soon is not a day. Write it as 2018-05-14.\n"
    record.file.write_text("call,kind,place,lon,lat,opened,over\n1,A,,,,2018-03-01 10:00:00,\n")
    assert "The record names no place at all." in asked(record)[2]
    assert asked(record, file=tmp_path / "none.csv")[0] == 2
    assert asked(record, town="nowhere")[0] == 2


def test_a_town_may_have_rules_of_its_own(record, tmp_path, monkeypatch):
    folder = tmp_path / "town"
    folder.mkdir()
    for file in town_folder("san_francisco").iterdir():
        (folder / file.name).symlink_to(file)
    (folder / "repeats.toml").write_text(
        '[[cause]]\ncode = "any"\ntitle = { en = "Anything" }\nkinds = ["*"]\n'
        "calls = 2\ndays = 12\n"
    )
    out = asked(record, town=str(folder))[1]
    assert "Anything · keeps happening" in out
    (folder / "repeats.toml").write_text("same_min = 20\n")
    with pytest.raises(load.TownRefused, match="cause"):
        load.load_town(folder)


def test_progress_is_shown_where_somebody_looks(record, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    rules = msgspec.structs.replace(load.load_town(town_folder("san_francisco")).repeats)
    scan = msgspec.structs.replace(rules.scan, history_days=14, runs=99)
    town = load.load_town(town_folder("san_francisco"))
    town.repeats = msgspec.structs.replace(rules, scan=scan)
    monkeypatch.setattr(command, "load_town", lambda folder: town)
    err = Terminal()
    assert run_repeats(record, as_json=False, out=io.StringIO(), err=err) == 0
    assert "100% shuffled records compared\n" in err.getvalue()


def test_the_incidents_are_kept_as_a_towns_past_calls_and_read_again(record, tmp_path):
    kept = tmp_path / "past_calls.csv.gz"
    assert asked(record, keep=kept)[0] == 0
    calls = read_past(kept, ZONE)
    assert (calls.places, calls.kinds, len(calls)) == (
        ("200 Block of Hyde St",), ("Outside Fire",), 4,
    )  # fmt: skip
    assert calls.spots[0].lon == pytest.approx(-122.4159)
    assert ((calls.over_us - calls.at_us) // MINUTE_US).tolist() == [60] * 4
    before = kept.read_bytes()
    asked(record, keep=kept)
    assert kept.read_bytes() == before
    assert asked(record, keep=tmp_path / "no" / "folder.gz")[0] == 2


def test_past_calls_keep_what_is_not_known(tmp_path):
    path = tmp_path / "past_calls.csv.gz"
    write_past(path, Calls.gathered([Call("A", "x", T0)], ZONE, {"A": Spot()}))
    calls = read_past(path, ZONE)
    assert calls.spots == (Spot(),)
    assert calls.over_us.tolist() == [0]


@pytest.mark.parametrize(
    "body",
    [b"no gzip", b"", "place,kind\n", "place,kind,opened,minutes,lon,lat,area\nA,x,soon,1,,,\n",
     "place,kind,opened,minutes,lon,lat,area\nA,x\n"],
)  # fmt: skip
def test_past_calls_that_are_damaged_are_refused(tmp_path, body):
    path = tmp_path / "past_calls.csv.gz"
    path.write_bytes(gzip.compress(body.encode()) if isinstance(body, str) else body)
    with pytest.raises(SourceRefused, match=r"Not read: past_calls.csv.gz"):
        read_past(path, ZONE)


def test_a_day_ends_where_its_clock_says_so():
    assert end_us(date(2018, 11, 4), ZONE) - end_us(date(2018, 11, 3), ZONE) == 25 * 60 * MINUTE_US


@pytest.mark.town_data
def test_in_six_months_of_san_francisco_it_finds_what_a_chief_would_act_on(shared):
    file = shared / "dev" / "sffd_six_neighborhoods_2018h1.parquet"
    found = json.loads(asked(Asked(file), as_json=True)[1])
    assert (found["incidents"], found["places"], found["days"]) == (18_050, 1_390, 181)
    first = found["repeats"][0]
    assert (first["place"], first["cause"]) == ("Columbus Av / Filbert St", "fire")
    assert first["p"] <= 0.01
    assert first["usual"] < 2 < 9 <= first["seen"]
    alarms = [one for one in found["repeats"] if one["place"] == "2100 Block of Hyde St"]
    assert [(one["cause"], one["sort"]) for one in alarms] == [
        ("alarm", "happens again after handling")
    ]


@pytest.mark.town_data
def test_in_san_luis_obispo_it_finds_places_of_several_causes(shared):
    file = shared / "dev" / "slo_police_log_2021-09_2021-12.parquet"
    mapping = Path(__file__).parents[2] / "exchange" / "mappings" / "slo.toml"
    found = json.loads(asked(Asked(file, mapping=mapping), as_json=True)[1])
    assert found["scanned"]
    assert found["left_out"] > 0
    causes = {one["cause"] for one in found["repeats"]}
    assert {"noise", "alarm", "traffic", "premises"} <= causes
    assert all(one["seen"] >= 3 for one in found["repeats"] if one["rule"])
