"""Places are looked up through one door: with the right, in a body, and without a trace."""

from __future__ import annotations

import json
import logging
import re

import pytest

from answerable.console import places
from answerable.console.app import App, application
from answerable.console.contract.pace import Pace
from answerable.place.errors import PlaceError
from answerable.place.gazetteer import folding

WORDS = "corner of 5th and Zzyzx market, the blue door"
JSON = {"content-type": "application/json"}


async def look(client, text="5th and market", **more):
    return await client.post("/api/places", json={"text": text, **more})


def test_words_come_back_as_positions_with_reasons(world):
    answer = world.run(look)
    assert answer.status_code == 200
    best = answer.json()["found"][0]
    assert (best["address"], best["precision"]) == ("5th St / Market St", "point")
    assert best["reasons"][0] == "crossing of 5th St and Market St"
    assert best["inside"] is True
    assert answer.headers["cache-control"] == "no-store"


def test_the_reasons_are_in_the_reader_s_language(world):
    async def scene(client):
        client.cookies.set("lang", "zh-CN")
        return await look(client, "市场街与第五街路口")

    reasons = world.run(scene).json()["found"][0]["reasons"]
    assert "Market St 与 5th St 路口" in reasons


def test_what_is_near_comes_first_and_no_more_than_asked(world):
    async def scene(client):
        return [
            (await look(client, "500 block 5th", near=near, limit=1)).json()["found"]
            for near in ([-122.4630, 37.7782], [-122.3999, 37.7776])
        ]

    found = world.run(scene)
    assert [[one["address"] for one in each] for each in found] == [
        ["500 Block of 5th Ave"], ["500 Block of 5th St"],
    ]  # fmt: skip


def test_nobody_and_a_role_without_the_right_are_refused(world):
    assert world.run(look, role="").status_code == 401
    rights = world.centre.hub.rooms.authority
    for name, role in rights.roles.items():
        assert rights.may_open(name, places.PAGE) == (places.PAGE in role.pages)
    assert not rights.may_open("crew", places.PAGE)


def test_a_role_without_the_page_gets_a_403(world, monkeypatch):
    monkeypatch.setattr(type(world.centre.hub.rooms.authority), "may_open", lambda *_: False)
    answer = world.run(look)
    assert (answer.status_code, answer.json()["code"]) == (403, "console.NotGiven")


def test_another_site_s_page_may_not_ask(world):
    async def scene(client):
        return await client.post(
            "/api/places", json={"text": "x"}, headers={"origin": "http://elsewhere.example"}
        )

    assert world.run(scene).json()["code"] == "console.OtherSite"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"text": 5}', b'{"text": "a", "more": 1}', b'{"text": "a", "near": [1]}',
     b'{"text": "a", "near": [200, 0]}',
     b'{"text": "a", "limit": 0}',
     b'{"text": "a", "limit": 99}',
     json.dumps({"text": "a" * 161}).encode(), b'{"text": "\xff"}', b"[" * 4000],
)  # fmt: skip
def test_bad_bytes_are_a_400_that_does_not_repeat_them(world, body):
    async def scene(client):
        return await client.post("/api/places", content=body, headers=JSON)

    answer = world.run(scene)
    assert (answer.status_code, answer.json()["code"]) == (400, "console.BadPlace")


def test_a_form_too_much_and_another_method_are_refused(world):
    async def scene(client):
        return (
            await client.post("/api/places", data={"text": "a"}),
            await client.post("/api/places", content=b" " * 5_000, headers=JSON),
            await client.get("/api/places?q=5th+and+market"),
        )

    assert [a.json()["code"] for a in world.run(scene)] == [
        "console.NotJson", "console.TooLarge", "console.Method",
    ]  # fmt: skip


def test_too_many_look_ups_are_held_back(world):
    world.app.front.pace = Pace(per_s=0.001, burst=2)

    async def scene(client):
        return [(await look(client)).status_code for _ in range(3)]

    assert world.run(scene) == [200, 200, 429]


def test_a_town_whose_names_are_wrong_still_opens_and_says_so(world, monkeypatch, caplog):
    def broken(_places):
        raise PlaceError("names.csv not read", "line 3: it has no name", "Correct that line")

    places.gazetteer_of.cache_clear()
    monkeypatch.setattr(places.Gazetteer, "of", broken)
    with caplog.at_level(logging.WARNING):
        assert places.gazetteer_of(world.centre.places) is None
    assert "line 3" in caplog.text
    places.gazetteer_of.cache_clear()


def test_without_names_the_answer_says_what_to_do(world, monkeypatch):
    monkeypatch.setattr(places, "gazetteer_of", lambda _places: None)
    world.asgi = application(App(world.centre, world.demo))
    answer = world.run(look)
    assert (answer.status_code, answer.json()["code"]) == (503, "console.NoPlaces")
    assert "map" in answer.json()["instead"]


def test_no_word_of_a_query_is_logged_kept_or_counted(world, caplog):
    async def scene(client):
        return (await look(client, WORDS), await look(client, WORDS, limit=0))

    with caplog.at_level(logging.DEBUG):
        world.run(scene)
    spoken = ("zzyzx", "blue door")
    assert not any(word in caplog.text.lower() for word in spoken)
    gazetteer = places.gazetteer_of(world.centre.places)
    kept = repr(vars(gazetteer)).lower() + repr(vars(world.app.front)).lower()
    assert not any(word in kept for word in spoken)
    assert not hasattr(folding.sounds, "cache_info")  # a cache would keep what was typed
    rows = [bytes(row.body).lower() for row in world.centre.hub.store.rows(0, 1000)]
    assert not any(b"zzyzx" in row for row in rows)


def test_the_form_has_a_combobox_and_the_unverified_way_stays(world):
    async def scene(client):
        return (await client.get("/take")).text

    html = world.run(scene)
    assert 'role="combobox"' in html
    listed = re.search(r'aria-controls="(places-[^"]+)"', html)
    assert listed
    assert f'id="{listed[1]}" role="listbox"' in html
    assert 'name="unverified"' in html
