"""What a centre records at its start about the folder of its town, on real files."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.console import centre as centre_module
from answerable.console.centre import Centre, open_centre
from answerable.kernel.authority import Actor
from answerable.kernel.clock import SetClock
from answerable.kernel.hub import Accepted
from answerable.place.town_places import load_places
from answerable.record.memory import MemoryStore
from answerable.towns import words as w
from answerable.towns.adopting import digests_of
from answerable.towns.load import TownRefused, town_folder
from tests.story import T0, US

ADMINISTRATOR = Actor(name="an administrator", role="administrator")
E1 = '[[run_cards]]\ncode = "E1"\nkinds = ["Elevator / Escalator Rescue"]\nneeds = [\n  { types = ["TRUCK"] },'  # noqa: E501
E1_NOW = E1.replace('"TRUCK"', '"ENGINE"')
SHAFT = {"kind": "Elevator / Escalator Rescue", "priority": "3"}


@pytest.fixture(scope="module", autouse=True)
def places_read_once() -> Iterator[None]:
    """Every copy of the folder has San Francisco's streets; they are read once."""
    with pytest.MonkeyPatch.context() as patch:
        read = functools.cache(lambda: load_places(town_folder("san_francisco")))
        patch.setattr(centre_module, "load_places", lambda folder: read())
        yield


@pytest.fixture
def folder(tmp_path) -> Path:
    """A town folder of one's own, with the files that are small."""
    made = tmp_path / "town"
    shutil.copytree(
        town_folder("san_francisco"), made, ignore=shutil.ignore_patterns("*.gz", "*.npz")
    )
    return made


class Place:
    """A centre over a town folder that can be started again on the same record."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.store, self.clock = folder, MemoryStore(), SetClock(T0)

    def start(self) -> Centre:
        self.clock.set(self.clock.now_us() + US)
        return open_centre(
            self.folder, str(self.folder), self.clock, store=self.store,
            on_fatal=lambda why: None,
        )  # fmt: skip

    def restart(self, centre: Centre) -> Centre:
        centre.close()
        self.store = self.store.reopen()
        return self.start()

    def edit(self, old: str, new: str) -> None:
        file = self.folder / "town.toml"
        text = file.read_text("utf-8")
        assert text.count(old) == 1
        file.write_text(text.replace(old, new), "utf-8")


def events(centre: Centre, cls: type) -> list:
    return [e for r in centre.hub.store.rows() if isinstance(e := centre.hub.rooms.decode(r), cls)]


def first_type(centre: Centre) -> str:
    card = centre.fleet._card_for(SHAFT["kind"], SHAFT["priority"], centre.now_us(), ())
    return card.needs[0].types[0]


def test_the_first_start_adopts_the_files_cards_and_a_second_start_records_nothing(folder):
    place = Place(folder)
    centre = place.start()
    [adopted] = events(centre, w.RunCardsAdopted)
    assert (adopted.edition, adopted.cards) == (1, centre.town.file.run_cards)
    assert [row.actor for row in place.store.stream("towns")] == ["system", "system"]
    position = centre.hub.position
    assert place.restart(centre).hub.position == position


def test_a_changed_file_is_not_silently_used_the_records_edition_holds(folder):
    place = Place(folder)
    centre = place.start()
    assert first_type(centre) == "TRUCK"
    place.edit(E1, E1_NOW)
    centre = place.restart(centre)
    assert centre.town.run_card(**SHAFT).needs[0].types[0] == "ENGINE", "the file says otherwise"
    assert first_type(centre) == "TRUCK"
    assert len(events(centre, w.RunCardsAdopted)) == 1


def test_what_is_recommended_changes_at_the_time_from_which_cards_hold(folder):
    place = Place(folder)
    place.edit(E1, E1_NOW)
    changed = place.start().town.file.run_cards
    place = Place(town_folder("san_francisco"))
    centre = place.start()
    later = place.clock.now_us() + 3600 * US
    command = w.AdoptRunCards(key="adopt-1", cards=changed, from_us=later, reason="trial")
    assert isinstance(centre.hub.do(command, ADMINISTRATOR), Accepted)
    centre.hub.commit()
    assert first_type(centre) == "TRUCK"
    place.clock.set(later)
    assert first_type(centre) == "ENGINE"
    assert first_type(place.restart(centre)) == "ENGINE", "a replay needs no file"


def test_cards_that_cannot_hold_are_told_at_the_first_start_with_the_file(folder):
    place = Place(folder)
    place.edit(E1, E1.replace('"TRUCK"', '"AIRSHIP"'))
    with pytest.raises(TownRefused, match=r"E1 names the type of unit AIRSHIP.*town\.toml"):
        place.start()


def test_the_record_says_which_files_were_in_force_and_what_changed(folder):
    place = Place(folder)
    centre = place.start()
    [noted] = events(centre, w.TownFilesNoted)
    assert {f.path for f in noted.files} == {
        p.name for p in folder.iterdir() if p.suffix != ".py"
    }  # fmt: skip
    place.edit("zoom = 11.6", "zoom = 11.7")
    (folder / "calibration.toml").unlink()
    centre = place.restart(centre)
    last = events(centre, w.TownFilesNoted)[-1]
    assert (last.changed, last.gone) == (("town.toml",), ("calibration.toml",))


def test_a_file_that_comes_back_as_it_was_is_noted_again(folder):
    place = Place(folder)
    centre = place.start()
    for zoom in (("11.6", "11.7"), ("11.7", "11.6"), ("11.6", "11.7")):
        place.edit(f"zoom = {zoom[0]}", f"zoom = {zoom[1]}")
        centre = place.restart(centre)
    assert len(events(centre, w.TownFilesNoted)) == 4


def test_hidden_files_and_what_python_keeps_are_no_part_of_a_town(tmp_path):
    for name in (".git/config", "__pycache__/x.pyc", "a.py", "town.toml", "deep/map.pmtiles"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    assert [file.path for file in digests_of(tmp_path)] == ["deep/map.pmtiles", "town.toml"]


def test_a_file_that_cannot_be_read_is_told_at_the_start(folder, monkeypatch):
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("answerable.towns.adopting._digest", refuse)
    with pytest.raises(TownRefused, match="Permission denied"):
        Place(folder).start()
