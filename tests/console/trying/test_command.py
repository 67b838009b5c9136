"""``answerable rules try``: who would have gone where, and what cannot be tried."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from answerable.console.language import language
from answerable.console.trying.command import Asked, run_try, tried
from answerable.console.trying.past_calls import past_day
from answerable.console.trying.refusals import NotTried
from answerable.console.trying.rules_file import parse_rules, read_rules, rules_of
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.rows import read_calls
from answerable.place.town_places import load_places
from answerable.planning.rehearsal.past import US
from answerable.towns.load import load_town
from tests.towns import little

COVER = """
[sending]
detour_s = 600
urgent_detour_s = 600
[[sending.cover]]
code = "west"
types = ["ENGINE"]
each = "station"
only = ["S1"]
within_s = 60
"""
MAPPING = """
[source]
name = "made up"
zone = "Europe/Vaduz"
[columns]
call = "call"
unit = "unit"
unit_type = "type"
kind = "kind"
priority = "priority"
lon = "lon"
lat = "lat"
[[stage]]
column = "rung"
steps = ["rung", "answered", "opened"]
required = true
[[stage]]
column = "sent"
steps = ["sent"]
[[stage]]
column = "arrived"
steps = ["arrived"]
[[stage]]
column = "cleared"
steps = ["cleared"]
"""
HEAD = "call,unit,type,kind,priority,lon,lat,rung,sent,arrived,cleared\n"


def row(call: str, unit: str, at: str, cleared: str, kind: str = "Other") -> str:
    """A row of a unit on a call at the door of station S1."""
    day = "2020-03-01T"
    return (
        f"{call},{unit},ENGINE,{kind},low,{little.WEST},{little.SOUTH},"
        f"{day}{at}:00,{day}{at}:10,{day}{at}:50,{day}{cleared}:00\n"
    )


@pytest.fixture(scope="module")
def town_folder(tmp_path_factory) -> Path:
    return little.write_town(tmp_path_factory.mktemp("towns"))


@pytest.fixture
def files(tmp_path, town_folder):
    """Write rules, a mapping and a record; return what asks for them."""
    (tmp_path / "mapping.toml").write_text(MAPPING)
    (tmp_path / "calls.csv").write_text(
        HEAD + row("1", "E1", "10:00", "10:20") + row("2", "E2", "11:00", "11:30")
        + row("2", "E3", "11:01", "11:10")
    )  # fmt: skip

    def asked(rules: str = COVER, **more) -> Asked:
        (tmp_path / "rules.toml").write_text(rules)
        told = {"on": tmp_path / "calls.csv", "mapping": tmp_path / "mapping.toml"} | more
        return Asked(tmp_path / "rules.toml", town=str(town_folder), **told)

    return asked


def run(asked: Asked, *, as_json: bool = False, most: int = 20) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    return (
        run_try(asked, as_json=as_json, most=most, out=out, err=err),
        out.getvalue(),
        err.getvalue(),
    )


# -- what is found ---------------------------------------------------------------------------


def test_json_has_every_incident_before_and_after(files):
    code, out, err = run(files(), as_json=True)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["incidents"] == 2
    lines = {line["incident"]: line for line in found["lines"]}
    assert lines["2"]["recorded"] == ["E2", "E3"]
    assert lines["1"]["before"] == ["E1"]
    assert lines["1"]["after"] != ["E1"]
    assert set(lines["1"]["why"].values()) == {"nearest that keeps cover"}
    assert found["whole"]["changed"] == 2
    assert found["counted_by"] == "the rules that are tried"
    before_min, after_min = found["broken_min"]
    assert before_min > after_min == 0


def test_the_report_says_what_changes_and_what_it_takes_for_granted(files):
    code, out, _ = run(files())
    assert code == 0
    assert "2 incidents, 1 Mar 2020, 3 units; others go to 2." in out
    assert "played, not recorded" in out
    assert "Alarm levels and move-ups are not played." in out
    assert "nearest that keeps cover" in out


def test_only_so_many_changes_are_listed(files):
    _, out, _ = run(files(), most=1)
    assert "1 more; --changes shows more of them, --json all." in out


def test_the_rules_as_they_are_change_nothing(files):
    _, out, _ = run(files("run_cards = [{ code = 'X', needs = [{ types = ['ENGINE'] }] }]"),
                    as_json=True)  # fmt: skip
    assert json.loads(out)["whole"]["changed"] == 0


def test_other_rules_may_be_what_is_compared_with(files, tmp_path):
    (tmp_path / "was.toml").write_text(COVER)
    _, out, _ = run(files(against=tmp_path / "was.toml"), as_json=True)
    assert json.loads(out)["whole"]["changed"] == 0


def test_a_packaged_day_is_played_without_a_file_of_calls():
    root = Path(__file__).parents[3] / "src/answerable/towns/san_francisco/town.toml"
    town, found = tried(Asked(root, days=("2020-04-03",)), lambda done, total: None)
    assert town.name == "san_francisco"
    assert found.incidents == len(found.lines) == 387
    assert found.whole.changed == 0
    assert 0 < found.whole.before.first_50_s < 300


def test_progress_goes_from_nothing_to_everything(files):
    seen: list[tuple[int, int]] = []
    tried(files(), lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


# -- the past of a record --------------------------------------------------------------------


def day_of(files, *days: str):
    asked = files()
    town = load_town(Path(asked.town))
    town.places = load_places(Path(asked.town))
    source = read_calls(asked.on, load_mapping(asked.mapping))
    return past_day(source, town, days)


def test_a_unit_stays_as_long_as_its_type_really_did(files):
    past = {one.incident: one for one in day_of(files).incidents}
    assert past["1"].busy_s == {"ENGINE": 1150.0}
    assert past["2"].stays_s("ENGINE") == (1750.0 + 490.0) / 2
    assert past["2"].stays_s("MEDIC") == past["2"].other_s
    assert (past["1"].neighborhood, past["1"].area_class) == ("West", "core")


def test_a_unit_is_on_duty_around_its_jobs(files):
    shifts = {one.unit: one for one in day_of(files).shifts}
    begin = day_of(files).incidents[0].opened_us + 10 * US
    assert shifts["E1"].from_us == begin - 7200 * US
    assert shifts["E1"].until_us == begin + (1190 + 7200) * US


# -- what cannot be tried --------------------------------------------------------------------

NEED = "needs = [{ types = ['ENGINE'] }]"


@pytest.mark.parametrize(
    ("rules", "because"),
    [
        ("[sending", "Expected ']'"),
        ("", "neither run_cards nor sending"),
        ("run_card = []", "unknown field `run_card`"),
        ("[sending]\ndetour_s = -1", "detour_s"),
        ("run_cards = []", "There is no card among them"),
        (f"run_cards = [{{ code = 'A', {NEED}, kinds = ['Fyre'] }}]", "Card A names the kind Fyre"),
        (f"run_cards = [{{ code = 'A', {NEED}, areas = ['Wset'] }}]", "the area Wset"),
        ("[sending]\nstaffing = [{ unit_type = 'TANK', least = 2 }]", "the type of unit TANK"),
        ("[[sending.cover]]\ncode = 'c'\ntypes = ['ENGINE']\nwithin_s = 9\neach = 'station'\n"
         "only = ['S9']", "the station S9"),
        ("[sending]\nrest = [{ work_s = 9 }]", "work_s and within_s go together"),
    ],
)  # fmt: skip
def test_rules_that_cannot_hold_are_refused_before_anything_is_played(files, rules, because):
    code, out, err = run(files(rules))
    assert (code, out) == (2, "")
    assert err.startswith("Not tried: the rules of rules.toml.")
    assert because in err
    assert err.count("\n") == 1


def test_a_file_of_rules_that_is_not_there_is_refused(files):
    asked = files()
    asked.file.unlink()
    code, _, err = run(asked)
    assert code == 2
    assert "No such file" in err


def test_a_file_of_rules_that_is_no_text_is_refused(files):
    asked = files()
    asked.file.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in run(asked)[2]


def test_a_file_of_rules_beyond_the_limit_is_refused(files):
    asked = files()
    asked.file.write_bytes(b"#" * 2_000_001)
    assert "more than 2,000,000 bytes" in run(asked)[2]


@pytest.mark.parametrize(
    ("days", "because"),
    [(("2020-03-02",), "It goes from 2020-03-01 to 2020-03-01"), (("soon",), "soon is not a day")],
)
def test_a_day_the_record_does_not_have_is_refused(files, days, because):
    code, _, err = run(files(days=days))
    assert (code, because in err) == (2, True)


def test_a_town_without_calls_says_what_to_give(files):
    code, _, err = run(files(on=None))
    assert (code, "has no recorded calls" in err) == (2, True)


def test_a_record_that_cannot_be_read_is_refused_as_by_replay(files, tmp_path):
    (tmp_path / "other.csv").write_text("nothing,of,it\n1,2,3\n")
    assert run(files(on=tmp_path / "other.csv"))[0] == 2
    asked = files(on=tmp_path / "absent.csv")
    code, _, err = run(asked)
    assert code == 2
    assert "absent.csv" in err


def test_a_part_that_is_left_out_is_as_the_town_has_it(town_folder):
    town = load_town(town_folder)
    rules = parse_rules("[sending]\ndetour_s = 9", "r", town)
    assert rules.cards == rules_of(town).cards
    assert rules.sending.detour_s == 9


def test_a_whole_town_file_is_a_file_of_rules(town_folder):
    town = load_town(town_folder)
    assert read_rules(town_folder / "town.toml", town) == rules_of(town)


def test_a_refusal_has_three_sentences():
    refusal = NotTried("Not tried.", "Because.", "Instead.")
    assert (str(refusal), refusal.parts) == (
        "Not tried. Because. Instead.", ("Not tried.", "Because.", "Instead."),
    )  # fmt: skip


def test_the_command_speaks_and_ends_with_its_code(tmp_path):
    """Through the entry point, in Chinese, on a file that is not there."""
    begin = [sys.executable, "-m", "answerable.console.cli"]
    done = subprocess.run(
        [*begin, "--lang", "zh-CN", "rules", "try", str(tmp_path / "none.toml")],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.toml" in done.stderr
    assert language("zh-CN")("By area") != "By area"
