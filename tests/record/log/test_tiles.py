"""Tiles: one address for each, those a tree has and no others."""

from __future__ import annotations

import pytest

from answerable.record.log.tiles import Tile, bundle, entries_in, index_path, tiles_of


def test_addresses_are_those_of_the_specification():
    assert index_path(1_234_067) == "x001/x234/067"
    assert Tile(0, 0).path == "0/000"
    assert Tile(1, 1_234_067, 17).path == "1/x001/x234/067.p/17"
    assert Tile(None, 5, 1).path == "entries/005.p/1"


@pytest.mark.parametrize("level", [None, 0, 1, 9, 63])
@pytest.mark.parametrize("index", [0, 7, 999, 1000, 999_999, 1_000_000, 1_234_067, (1 << 55) - 1])
@pytest.mark.parametrize("width", [1, 100, 255, 256])
def test_an_address_is_read_back(level, index, width):
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    ["", "0", "0/", "0/0", "0/00", "0/0000", "00/000", "64/000", "100/000", "-1/000", "a/000",
     "0/x000/000", "0/x001", "0/001/000", "0/x001/x000", "0/000.p/0", "0/000.p/256", "0/000.p/01",
     "0/000.p", "0/000.p/1/", "/0/000", "0/000/", "0//000", "0/０００", "entries/0", "Entries/000",
     "0/000.p/1000", "0/x036/x028/x797/x018/x963/968", "0/000\n", "0/000.p/-1",
     "0/" + "x999/" * 20 + "999"],
)  # fmt: skip
def test_there_is_one_spelling_and_no_other(path):
    assert Tile.parse(path) is None


def test_a_tree_of_70000_has_the_tiles_of_the_specification():
    tiles = list(tiles_of(70_000))
    assert len(tiles) == 273 + 1 + 1 + 1 + 1
    assert [tile for tile in tiles if tile.width < 256] == [
        Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1),
    ]  # fmt: skip
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


def test_a_tile_is_in_a_tree_that_has_all_its_hashes():
    for size in (0, 1, 255, 256, 257, 65_535, 65_536, 65_537):
        assert all(tile.is_in(size) for tile in tiles_of(size))
        for tile in tiles_of(size + 70_000):
            whole = tile.index * 256 + tile.width
            assert tile.is_in(size) == (whole <= size // 256**tile.level)
    assert Tile(0, 0, 5).is_in(300), "a part of a full tile stays"
    assert not Tile(None, 1, 45).is_in(300)
    assert Tile(None, 1, 44).is_in(300)


def test_a_bundle_has_every_entry_with_its_length():
    entries = [bytes([n]) * 64 for n in range(5)]
    data = bundle(entries)
    assert len(data) == 5 * 66
    assert data[:2] == b"\x00\x40"
    assert entries_in(data) == entries
    for cut in (1, 2, 65, 67, 329):
        with pytest.raises(ValueError, match="cut short"):
            entries_in(data[:cut])
