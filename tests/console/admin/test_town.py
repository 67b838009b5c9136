"""The town's page: what holds, what the disk says, and adopting the one for the other."""

from __future__ import annotations

import asyncio
import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.console import centre as centre_module
from answerable.console.admin import disk
from answerable.console.admin.disk import Checker, in_a_process, read_folder
from answerable.console.admin.reading import moment
from answerable.console.centre import open_centre
from answerable.console.demo import Demo
from answerable.console.sanity import Refused
from answerable.exchange.calls.plan import Plan
from answerable.exchange.calls.replay import Feed
from answerable.kernel.clock import PacedClock
from answerable.place.town_places import Places, load_places
from answerable.record.memory import MemoryStore
from answerable.standards.shelf import shelf_text
from answerable.towns.load import load_town, town_folder
from tests.console.admin.office import at_desk, refused
from tests.console.conftest import MINUTE_US, NOON_US, World
from tests.story import at_local

CARD = '[[run_cards]]\ncode = "E1"'
SKIP = shutil.ignore_patterns("*.gz", "*.npz", "*.pmtiles")


@pytest.fixture(scope="module")
def read() -> Places:
    return load_places(town_folder("san_francisco"))


@pytest.fixture
def place(tmp_path, read, monkeypatch) -> Iterator[tuple[World, Path]]:
    """A console over a town folder of one's own, whose streets are San Francisco's."""
    folder = tmp_path / "town"
    shutil.copytree(town_folder("san_francisco"), folder, ignore=SKIP)
    own = Places(folder)
    own.__dict__ |= {"travel": read.travel, "roads": read.roads}
    monkeypatch.setattr(centre_module, "load_places", lambda _folder: own)
    clock = PacedClock(NOON_US, 1.0)
    clock.pause()
    centre = open_centre(
        tmp_path / "data", str(folder), clock, store=MemoryStore(), on_fatal=lambda why: None
    )
    plan = Plan(commands=[], units=[], calls=0)
    demo = Demo(centre.hub, clock, Feed(plan), NOON_US, NOON_US + 600 * MINUTE_US)
    yield World(centre, demo), folder
    centre.close()


def edit(folder: Path, old: str = '{ types = ["TRUCK"] },', new: str = '{ types = ["ENGINE"] },'):
    """Change the card for stuck elevators on the disk."""
    file = folder / "town.toml"
    head, mark, tail = file.read_text("utf-8").partition(CARD)
    file.write_text(head + mark + tail.replace(old, new, 1), "utf-8")


def digest_in(text: str) -> str:
    found = re.search(r'action="/admin/town/cards".*?name="digest" value="([^"]+)"', text, re.S)
    assert found, "no form to adopt cards"
    return found[1]


def town_page(world: World, **query: str) -> str:
    async def scene(desk):
        return (await desk.get("/admin/town", params=query)).text

    text: str = at_desk(world, scene)
    return html.unescape(text)


def adopt(world: World, **fields: str):
    async def scene(desk):
        digest = digest_in((await desk.get("/admin/town")).text)
        fields.setdefault("digest", digest)
        return await desk.post("/admin/town/cards", **{"reason": "trial", **fields})

    return at_desk(world, scene)


def state(world: World):
    return world.centre.hub.state["towns"]


# -- what is shown ---------------------------------------------------------------------------


def test_the_page_shows_the_cards_that_hold_the_files_and_the_standards(place):
    world, _folder = place
    text = town_page(world)
    assert "Run cards, edition 1 · holds" in text
    assert "3 × Engine, 2 × Truck, 2 × Chief" in text
    assert "The file on the disk has the same cards." in text
    assert "town.toml" in text
    assert text.count("as read at the start") == len(state(world).files)
    assert "NFPA" in text
    assert "adopt the file" not in text.lower()


def test_a_changed_file_is_shown_as_a_difference_and_changes_nothing(place):
    world, folder = place
    edit(folder)
    (folder / "calibration.toml").unlink()
    (folder / "new.csv").write_text("")
    text = town_page(world)
    assert "<del>Elevator / Escalator Rescue: 1 × Truck</del>" in text
    assert "<ins>Elevator / Escalator Rescue: 1 × Engine</ins>" in text
    assert "changed since; counts from the next start" in text
    assert "gone from the disk" in text
    assert "new; counts from the next start" in text
    assert state(world).last_edition == 1


def test_every_sort_of_difference_between_cards_is_told(place):
    from answerable.console.admin.cards import difference

    world, _folder = place
    phrases = world.app.front.phrases("en")
    cards = state(world).cards_at(NOON_US)
    told = list(difference(cards, (cards[1], cards[0], *cards[3:]), phrases))
    assert [(one["code"], one["how"]) for one in told] == [(cards[2].code, "gone"), ("–", "order")]
    told = list(difference(cards[1:], cards, phrases))
    assert [(one["code"], one["how"]) for one in told] == [("F3", "new")]


def test_a_file_that_cannot_be_read_is_told_and_what_holds_goes_on(place):
    world, folder = place
    (folder / "town.toml").write_text("name = ")
    text = town_page(world)
    assert "The town's file cannot be read as it lies on the disk." in text
    assert "Run cards, edition 1 · holds" in text


def test_cards_that_cannot_be_adopted_are_told_in_place_of_the_form(place):
    world, folder = place
    edit(folder, new='{ types = ["AIRSHIP"] },')
    text = town_page(world)
    assert "Card E1 names the type of unit AIRSHIP, which this town does not have." in text
    assert "/admin/town/cards" not in text


# -- adopting run cards ----------------------------------------------------------------------


def test_the_files_cards_are_adopted_at_once_and_proposals_follow_them(place):
    world, folder = place
    edit(folder)
    answer = adopt(world, **{"from": ""})
    assert answer.status_code == 201, answer.text
    assert answer.headers["hx-redirect"].startswith("/admin/town?done=")
    card = world.centre.card_for("Elevator / Escalator Rescue", "3", world.centre.now_us())
    assert card.needs[0].types == ("ENGINE",)
    assert "Run cards, edition 2 · holds" in town_page(world)


def test_cards_are_planned_for_a_time_on_the_towns_wall_and_withdrawn_before_it(place):
    world, folder = place
    edit(folder)
    assert adopt(world, **{"from": "2020-04-03 06:00"}).status_code == 201
    [planned] = state(world).planned(world.centre.now_us())
    assert planned.from_us == at_local("2020-04-03T06:00:00")
    text = town_page(world)
    assert "3 Apr 2020 06:00:00" in text
    assert "planned" in text

    async def scene(desk):
        await desk.get("/admin/town")
        return await desk.post(
            "/admin/town/do", type="towns.WithdrawRunCards", edition="2", reason="not yet"
        )

    assert at_desk(world, scene).status_code == 201
    assert state(world).planned(world.centre.now_us()) == []
    assert "withdrawn" in town_page(world)


def test_what_changed_after_it_was_shown_is_not_adopted(place):
    world, folder = place
    edit(folder)

    async def scene(desk):
        digest = digest_in((await desk.get("/admin/town")).text)
        edit(folder, old='{ types = ["ENGINE"] },', new='{ types = ["CHIEF"] },')
        return await desk.post("/admin/town/cards", digest=digest, reason="trial")

    answer = at_desk(world, scene)
    assert answer.status_code == 409
    assert refused(answer)[1] == "The file has changed since this page was loaded."
    assert state(world).last_edition == 1


@pytest.mark.parametrize(
    ("when", "status", "because"),
    [
        ("tomorrow", 400, "tomorrow is not a time."),
        ("2020-04-01 06:00", 409, "lies 10800"),
        ("2030-01-01", 409, "a plan reaches 400 days ahead"),
        ("", 400, "Why"),
    ],
)
def test_a_time_that_cannot_be_meant_and_a_missing_reason_are_refused(place, when, status, because):
    world, folder = place
    edit(folder)
    fields = {"from": when} | ({"reason": ""} if because == "Why" else {})
    answer = adopt(world, **fields)
    assert answer.status_code == status, answer.text
    assert because in html.unescape(answer.text)
    assert state(world).last_edition == 1


def test_an_earlier_edition_can_be_looked_at(place):
    world, folder = place
    edit(folder)
    adopt(world)
    text = town_page(world, edition="1")
    assert "Run cards, edition 1" in text
    assert "Show the edition that holds" in text
    assert "Run cards, edition 2" in town_page(world, edition="77")


def test_a_time_is_the_towns_and_a_zone_in_it_counts():
    zone = load_town(town_folder("san_francisco")).zone
    assert moment("2020-04-03T06:00", zone) == at_local("2020-04-03T06:00:00")
    assert moment("2020-04-03T13:00Z", zone) == at_local("2020-04-03T06:00:00")
    assert moment("", zone) is None


# -- standards -------------------------------------------------------------------------------


def check(world: World, text: str):
    async def scene(desk):
        await desk.get("/admin/town")
        return await desk.post("/admin/town/standard/check", text=text)

    return at_desk(world, scene)


def changed_text() -> str:
    text = shelf_text("one-three-five")
    assert "limit_s = 60\n" in text
    return text.replace("limit_s = 60\n", "limit_s = 75\n", 1)


def test_a_standard_is_checked_first_and_what_it_would_change_is_shown(place):
    world, _folder = place
    before = world.centre.hub.position
    text = html.unescape(check(world, changed_text()).text)
    assert "would become edition 2" in text
    assert re.search(r"<del>[^<]*1:00[^<]*</del>.*<ins>[^<]*1:15[^<]*</ins>", text, re.S)
    assert world.centre.hub.position == before


def test_a_bad_text_is_told_with_place_problem_and_remedy(place):
    world, _folder = place
    answer = check(world, changed_text().replace("limit_s", "limit"))
    first, because, remedy = refused(answer)
    assert first == "This text cannot be adopted."
    assert "limit" in because
    assert remedy


def test_the_text_in_force_is_nothing_to_adopt(place):
    world, _folder = place
    assert "Nothing to adopt." in check(world, shelf_text("one-three-five")).text


def test_what_was_checked_is_adopted_and_nothing_else(place):
    world, _folder = place
    text = changed_text()

    async def scene(desk):
        await desk.get("/admin/town")
        proposal = (await desk.post("/admin/town/standard/check", text=text)).text
        digest = re.search(r'name="digest" value="([0-9a-f]+)"', proposal)[1]
        other = await desk.post(
            "/admin/town/standard", digest=digest, text=text.replace("75", "76")
        )
        done = await desk.post("/admin/town/standard", digest=digest, text=text)
        return other, done, await desk.get("/admin/town")

    other, done, page = at_desk(world, scene)
    assert other.status_code == 409
    assert refused(other)[1] == "Its text has changed since it was checked."
    assert done.status_code == 201, done.text
    assert world.centre.hub.state["standards"].standards["1-3-5"].edition == 2
    assert page.text.count('<tr><td class="strong">2</td>') == 1


def test_a_text_longer_than_any_standard_is_refused_and_a_long_one_is_taken(place):
    world, _folder = place
    note = "# " + "\u4e2d" * 18_000 + "\n"  # three bytes each, nine when a form carries them
    assert "would become edition 2" in check(world, note + changed_text()).text
    assert check(world, "x" * 270_000).status_code == 413


# -- the check of the files ------------------------------------------------------------------


def test_the_findings_are_told_with_file_line_and_remedy(place, monkeypatch):
    world, folder = place
    shutil.copy(town_folder("san_francisco") / "streets.geojson.gz", folder)
    edit(folder, new='{ types = ["AIRSHIP"] },')

    async def scene(desk):
        return (await desk.get("/admin/town/findings")).text

    text = html.unescape(at_desk(world, scene))
    assert re.search(r"town\.toml:\d+", text)
    assert "AIRSHIP" in text


def test_the_check_runs_in_a_process_of_its_own_while_the_loop_goes_on(place):
    _world, folder = place

    async def scene() -> int:
        turns = 0
        checking = asyncio.create_task(in_a_process(folder))
        while not checking.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert checking.result()
        return turns

    assert asyncio.run(scene()) > 50, "a few, where the loop itself waits for the check"


def test_the_same_files_are_checked_once(place, monkeypatch):
    _world, folder = place
    asked = []

    async def counting(folder: Path) -> list:
        asked.append(folder)
        return []

    monkeypatch.setattr(disk, "in_a_process", counting)

    async def scene() -> None:
        checker = Checker(folder)
        await asyncio.gather(checker.findings(), checker.findings())
        edit(folder)
        await checker.findings()

    asyncio.run(scene())
    assert len(asked) == 2


def test_a_check_that_does_not_end_is_told(place):
    _world, folder = place
    with pytest.raises(Refused, match="The check did not end within 0 s"):
        asyncio.run(in_a_process(folder, 0.01))


def test_a_folder_that_is_gone_is_told_not_raised(tmp_path):
    found = read_folder(tmp_path / "gone")
    assert found.cards is None
    assert found.problem
