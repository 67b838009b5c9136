"""The basemap over HTTP: parts of the file, to whoever may open the board, without a wait."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest

from answerable.console import tiles
from answerable.console.app import application
from answerable.console.session import COOKIE
from answerable.kernel.authority import Actor
from tests.console.conftest import HOST

BODY = tiles.MAGIC + bytes(range(256)) * 1500
SIZE = len(BODY)


@pytest.fixture
def mapped(world, tmp_path):
    """A console whose town has a basemap of known bytes."""
    (tmp_path / tiles.FILE).write_bytes(BODY)
    world.app.basemap = world.app.pages.basemap = tiles.opened(tmp_path)
    world.asgi = application(world.app)
    yield world
    world.app.basemap.close()


def ask(world, method="GET", role="dispatcher", url="", **headers):
    async def scene(client):
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.request(method, url or world.app.basemap.url, headers=told)

    return world.run(scene, role)


def test_a_part_is_sent_with_all_that_says_so(mapped):
    answer = ask(mapped, range="bytes=10-73")
    assert answer.status_code == 206
    assert answer.content == BODY[10:74]
    assert answer.headers["content-range"] == f"bytes 10-73/{SIZE}"
    assert answer.headers["content-length"] == "64"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == mapped.app.basemap.tag
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "application/vnd.pmtiles"
    assert "content-encoding" not in answer.headers


def test_the_whole_is_sent_in_pieces_and_is_the_file(mapped):
    answer = ask(mapped)
    assert answer.status_code == 200
    assert answer.content == BODY
    assert answer.headers["content-length"] == str(SIZE)


def test_a_part_that_spans_several_pieces_is_whole(mapped):
    start, end = 7, tiles.PIECE_BYTES * 3 + 11
    assert ask(mapped, range=f"bytes={start}-{end}").content == BODY[start : end + 1]


def test_a_suffix_is_the_end_of_the_file(mapped):
    answer = ask(mapped, range="bytes=-20")
    assert (answer.status_code, answer.content) == (206, BODY[-20:])


def test_head_tells_the_length_and_sends_nothing(mapped):
    answer = ask(mapped, "HEAD", range="bytes=0-1")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)


def test_a_part_outside_the_file_says_how_long_the_file_is(mapped):
    answer = ask(mapped, range=f"bytes={SIZE}-")
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


def test_what_the_browser_already_has_is_not_sent_again(mapped):
    answer = ask(mapped, if_none_match=mapped.app.basemap.tag)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == mapped.app.basemap.tag


def test_a_changed_file_is_sent_whole_to_whoever_holds_parts_of_the_old_one(mapped):
    answer = ask(mapped, range="bytes=0-9", if_range='"older"')
    assert (answer.status_code, answer.content) == (200, BODY)


def test_two_range_fields_are_one_list_of_two_and_so_the_whole(mapped):
    async def scene(client):
        twice = [("range", "bytes=0-1"), ("range", "bytes=2-3")]
        return await client.get(mapped.app.basemap.url, headers=twice)

    assert mapped.run(scene).status_code == 200


def test_other_methods_are_refused_and_told_which_there_are(mapped):
    answer = ask(mapped, "DELETE")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_nobody_without_a_desk_reads_the_map(mapped):
    answer = ask(mapped, role="", range="bytes=0-9")
    assert answer.status_code == 401
    assert answer.json()["code"] == "console.NotSignedIn"


def test_a_role_without_the_board_reads_no_map(mapped):
    async def play():
        identifier = mapped.app.front.sessions.begin(Actor(name="eve", role="administrator"))
        transport = httpx.ASGITransport(mapped.asgi)
        kept = {COOKIE: identifier}
        async with httpx.AsyncClient(transport=transport, base_url=HOST, cookies=kept) as client:
            return await client.get(mapped.app.basemap.url, headers={"range": "bytes=0-9"})

    answer = asyncio.run(play())
    assert answer.status_code == 403
    assert answer.json()["code"] == "console.NotGiven"


def test_another_address_is_no_map(mapped):
    for url in (f"/town/0000/{tiles.FILE}", f"{mapped.app.basemap.url}/x", "/town/x/../etc"):
        assert ask(mapped, url=url).status_code == 404, url


def test_a_town_without_a_basemap_draws_its_streets_and_serves_no_tiles(world):
    answer = world.run(lambda client: client.get(f"/town/abc/{tiles.FILE}"))
    assert answer.status_code == 404
    assert answer.json()["code"] == "console.NoMap"
    page = world.run(lambda client: client.get("/board")).text
    assert 'data-basemap=""' in page
    assert "pmtiles.js" not in page


def test_the_board_names_the_basemap_where_there_is_one(mapped):
    page = mapped.run(lambda client: client.get("/board")).text
    assert f'data-basemap="{mapped.app.basemap.url}"' in page
    assert "pmtiles.js" in page


def test_a_file_that_is_no_pmtiles_is_not_taken_for_a_map(tmp_path):
    (tmp_path / tiles.FILE).write_bytes(b"<html>" * 100)
    assert tiles.opened(tmp_path) is None
    (tmp_path / tiles.FILE).write_bytes(b"")
    assert tiles.opened(tmp_path) is None
    (tmp_path / tiles.FILE).unlink()
    assert tiles.opened(tmp_path) is None


def test_a_file_cut_short_while_it_is_served_ends_the_answer_and_nothing_else(mapped, tmp_path):
    with (tmp_path / tiles.FILE).open("r+b") as file:
        file.truncate(100)
    answer = ask(mapped, range="bytes=50-499")
    assert answer.content == BODY[50:100]  # shorter than promised: the browser sees it is broken
    assert ask(mapped, range="bytes=0-9").content == BODY[:10]


def test_a_disk_that_must_be_waited_for_holds_nobody_else_up(mapped, monkeypatch):
    def never_at_once(*_args):
        raise BlockingIOError

    turned, waited = threading.Event(), []

    def slow(*args):
        waited.append(turned.wait(20))
        return BODY[:1]

    async def play():
        reading = asyncio.ensure_future(mapped.app.basemap.read(0, 1))
        for _ in range(20):
            await asyncio.sleep(0.001)
        turned.set()
        return await reading

    monkeypatch.setattr(tiles.os, "preadv", never_at_once)
    monkeypatch.setattr(tiles.os, "pread", slow)
    assert asyncio.run(play()) == BODY[:1]
    assert waited == [True], "the loop itself waited for the disk"


def test_what_is_in_memory_is_read_without_another_thread(mapped, monkeypatch):
    if not tiles.AT_ONCE:
        pytest.skip("this system cannot read without waiting")
    monkeypatch.setattr(tiles.os, "pread", None)
    assert asyncio.run(mapped.app.basemap.read(5, 20)) == BODY[5:25]
