"""The page on which rules are tried: begun by a form, played beside the service, shown in words."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import msgspec
import pytest

from answerable.console.admin.disk import read_folder
from answerable.console.trying import trials as trials_module
from answerable.console.trying.own_day import own_day
from answerable.console.trying.refusals import NotTried
from answerable.console.trying.worker import Ended, Job, play
from answerable.dispatch import words as d
from answerable.planning.rehearsal.past import US, Rules
from answerable.towns.load import town_folder
from tests.console.conftest import MINUTE_US, NOON_US, World

FOLDER = town_folder("san_francisco")


def token(text: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', text)
    assert found
    return found[1]


@pytest.fixture
def worked(world) -> World:
    """A centre with one incident that is over: E03 was sent, arrived and cleared."""
    incident = world.incident()
    for after_min, command in enumerate((d.SendUnit, d.Arrive, d.ClearUnit)):
        world.centre.hub.clock.jump(NOON_US + (after_min + 1) * 4 * MINUTE_US)
        world.do(command, incident=incident, unit="E03")
    return world


async def begun(desk, **fields: str):
    text = (await desk.get("/admin/try")).text
    form = {"token": token(text), "key": "k1", "source": "own", "day": "", **fields}
    return await desk.post("/admin/try", data=form, headers={"origin": "http://127.0.0.1"})


async def ended(desk, where: str) -> str:
    for _ in range(300):
        text = (await desk.get(f"{where}/state")).text
        if "Being played" not in text:
            return str(text)
        await asyncio.sleep(0.1)
    raise AssertionError("the trial did not end")


@pytest.mark.parametrize("role", ["administrator", "supervisor"])
def test_a_trial_is_begun_played_and_shown(worked, role):
    async def scene(desk):
        answer = await begun(desk)
        assert answer.status_code == 303
        where = answer.headers["location"]
        waiting = (await desk.get(where)).text
        return waiting, await ended(desk, where), (await desk.get("/admin/try")).text

    waiting, text, listed = worked.run(scene, role)
    assert "The desks go on meanwhile." in waiting
    assert "1 incident, 2 Apr 2020, 3 units" in text
    assert "played, not recorded" in text
    assert "To every incident the same units go." in text
    assert "this centre" in listed
    assert "every day" in listed


def test_a_day_the_centre_does_not_have_is_refused_in_three_sentences(worked):
    async def scene(desk):
        return await begun(desk, day="2021-01-01")

    answer = worked.run(scene, "supervisor")
    assert answer.status_code == 400
    assert "The record has no incident on 2021-01-01." in answer.text
    assert "It goes from 2020-04-02" in answer.text


def test_only_one_trial_is_played_at_a_time(worked, monkeypatch):
    async def forever(trial, worker, job):
        await asyncio.sleep(3600)

    monkeypatch.setattr(trials_module, "_told", forever)

    async def scene(desk):
        first, second = await begun(desk), await begun(desk)
        return first.status_code, second

    code, second = worked.run(scene, "supervisor")
    assert (code, second.status_code) == (303, 409)
    assert "Another trial is being played." in second.text


def test_a_trial_that_takes_too_long_is_ended_and_says_so(worked, monkeypatch):
    monkeypatch.setattr(trials_module, "MOST_S", 0.01)

    async def scene(desk):
        return await ended(desk, (await begun(desk)).headers["location"])

    assert "The trial did not end well." in worked.run(scene, "supervisor")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("after_steps", [0, 2, 40])
def test_a_trial_under_way_ends_with_the_service(worked, after_steps):
    job = Job(str(FOLDER), Rules((), ()), Rules((), ()))

    async def scene() -> asyncio.Task[None] | None:
        async with worked.app.lifespan(None):
            trial = worked.app.trials.begin(job, "this centre's own record", "")
            for _step in range(after_steps):
                await asyncio.sleep(0)
        assert trial.ended is None
        return trial.task

    task = asyncio.run(scene())
    assert task is not None
    assert task.cancelled()


def test_a_trial_there_is_none_of_is_not_found(world):
    async def scene(desk):
        return await desk.get("/admin/try/77")

    assert world.run(scene, "administrator").status_code == 404


def test_a_dispatcher_is_not_given_the_page(world):
    async def scene(desk):
        return await desk.get("/admin/try")

    assert world.run(scene, "dispatcher").status_code == 403


def test_rules_that_cannot_hold_are_refused(worked, monkeypatch):
    bad = read_folder(FOLDER)
    monkeypatch.setattr(
        "answerable.console.admin.disk.read_folder",
        lambda folder: msgspec.structs.replace(bad, cards=()),
    )

    async def scene(desk):
        return await begun(desk)

    answer = worked.run(scene, "supervisor")
    assert answer.status_code == 409
    assert "There is no card among them" in answer.text


def test_a_file_that_cannot_be_read_is_refused(worked, monkeypatch):
    monkeypatch.setattr(
        "answerable.console.admin.disk.read_folder",
        lambda folder: msgspec.structs.replace(read_folder(FOLDER), cards=None, problem="torn"),
    )

    async def scene(desk):
        return await begun(desk)

    answer = worked.run(scene, "supervisor")
    assert answer.status_code == 409
    assert "cannot be read as it lies on the disk" in answer.text


# -- the centre's own past -------------------------------------------------------------------


def test_a_centre_s_own_day_is_what_its_board_holds(worked):
    centre = worked.centre
    day = own_day(centre.board, centre.town, (), centre.now_us())
    [past] = day.incidents
    assert (past.kind, past.sent, past.neighborhood) == (
        "Medical Incident", ("E03",), "Tenderloin",
    )  # fmt: skip
    assert past.busy_s == {"ENGINE": pytest.approx(240.0, abs=1)}
    shifts = {one.unit: one for one in day.shifts}
    assert set(shifts) == {"E03", "T03", "E36"}
    assert shifts["E03"].from_us < past.opened_us - 6900 * US


def test_nothing_of_a_person_is_in_a_day_that_is_played(worked):
    text = msgspec.json.encode(
        own_day(worked.centre.board, worked.centre.town, (), worked.centre.now_us())
    ).decode()
    assert "number" not in text
    assert "words" not in text
    assert "door" not in text


def test_an_empty_centre_has_no_day(world):
    with pytest.raises(NotTried, match="no incident to play"):
        own_day(world.centre.board, world.centre.town, (), world.centre.now_us())


# -- the process that plays ------------------------------------------------------------------


def rules() -> Rules:
    disk = read_folder(FOLDER)
    assert disk.cards is not None
    return Rules(disk.cards, disk.sending)


def test_the_worker_tells_what_it_cannot_play(tmp_path: Path):
    folder = tmp_path / "town"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.csv.gz", "*.pmtiles"))
    told = play(Job(str(folder), rules(), rules()))
    assert told.refused == (
        "Not tried: the rules.", "The town's folder has no recorded calls.",
        "Choose the centre's own record, or use answerable rules try --on.",
    )  # fmt: skip
    none = play(Job(str(tmp_path / "nowhere"), rules(), rules()))
    assert none.refused is not None
    assert none.found is None


def test_the_worker_plays_the_town_s_calls_and_tells_each_percent(capsys):
    told = play(Job(str(FOLDER), rules(), rules(), days=("2020-04-03",)))
    assert isinstance(told, Ended)
    assert told.found is not None
    assert told.found.incidents == 387
    percents = [int(line) for line in capsys.readouterr().out.split()]
    assert percents == sorted(set(percents))
    assert percents[-1] == 100
