"""The map in a real browser: tiles in parts, names in both languages, the lists, keys, no tiles."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.browser import WATCH, Seen, shot
from tests.console.map_scene import scene
from tests.towns.little import write_town
from tests.towns.little_map import little_map

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")
pytest.importorskip("osmium", reason="needs: pip install 'answerable[osm]'")

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
SMALL = {"width": 1000, "height": 620}
"""Enough for all three columns; letters are drawn without a graphics card here."""
CHART = "const map = document.getElementById('map').chart;"
IDLE = f"""() => {{ {CHART} return new Promise(done => {{
  const look = () => map.areTilesLoaded() && map.isSourceLoaded('incidents') && map.isStyleLoaded()
    ? requestAnimationFrame(() => done(true)) : setTimeout(look, 50);
  look();
}}); }}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Path:
    """The little town with its map and a hospital."""
    from answerable.towns.basemap.make import write_basemap

    folder = write_town(tmp_path_factory.mktemp("towns") / "little")
    write_basemap(little_map().write(folder / "little.osm"), folder, way="own")
    path = folder / "stations.geojson"
    told = json.loads(path.read_text())
    at = {"type": "Point", "coordinates": [9.5075, 47.1075]}
    told["features"].append({
        "type": "Feature", "geometry": at,
        "properties": {"id": "H1", "name": "Spital", "type": "hospital", "zh": "医院"},
    })  # fmt: skip
    path.write_text(json.dumps(told))
    return folder


@pytest.fixture(scope="module")
def port(town) -> Iterator[int]:
    with scene(town) as port:
        yield port


@contextlib.contextmanager
def board(drawing, port, *, viewport=WIDE, theme="light", tag="en", prepare=None, **more):
    """Yield the board with its map drawn, what was seen on it, and the answers for tiles."""
    base = f"http://127.0.0.1:{port}"
    context = drawing.new_context(viewport=viewport, color_scheme=theme, locale=tag, **more)
    context.add_init_script(WATCH)
    page, seen, tiles = context.new_page(), Seen(base), []
    seen.follow(page)
    page.on(
        "response", lambda r: tiles.append(r.status) if r.url.endswith("basemap.pmtiles") else None
    )
    if prepare:
        prepare(page)
    page.goto(f"{base}/demo/sign-in/dispatcher", wait_until="domcontentloaded")
    page.wait_for_selector("#map[data-ready]", timeout=60_000)
    try:
        yield page, seen, tiles
    finally:
        context.close()


@pytest.fixture(scope="module")
def light(drawing, port):
    """The board by day, loaded once for all tests that leave it as it was."""
    with board(drawing, port, viewport=SMALL) as held:
        yield held


@pytest.fixture(scope="module")
def calm(drawing, port):
    """The board where less motion is asked for, loaded once."""
    with board(drawing, port, viewport=SMALL, reduced_motion="reduce") as held:
        yield held


def home(page) -> None:
    """Show the whole town, and wait until it is drawn."""
    page.evaluate(f"{CHART} map.jumpTo({{center: [9.505, 47.105], zoom: 13}})")
    page.evaluate(IDLE)


def written(page, *layers: str) -> set[str]:
    """Return the words that stand on the map, of some layers."""
    page.evaluate(IDLE)
    return set(
        page.evaluate(
            f"""layers => {{ {CHART}
              return map.queryRenderedFeatures({{layers}}).map(f => {{
                const text = f.layer.layout['text-field'];
                return text?.sections ? text.sections.map(s => s.text).join('') : String(text);
              }}); }}""",
            list(layers),
        )
    )


@pytest.mark.parametrize(
    ("theme", "tag", "name"), [("light", "en", "Main Lane"), ("dark", "zh-CN", "主街")]
)
def test_tiles_come_in_parts_and_names_in_the_language_of_the_page(drawing, port, theme, tag, name):
    with board(drawing, port, theme=theme, tag=tag) as (page, seen, tiles):
        assert written(page, "base-town") == {name}
        assert set(tiles) == {206}
        ground = page.evaluate(f"{CHART} map.getPaintProperty('ground', 'background-color')")
        assert ground == ("#f5f6f4" if theme == "light" else "#111514")
        water = page.evaluate(
            f"{CHART} map.queryRenderedFeatures({{layers: ['base-water']}}).length"
        )
        assert water > 0
        assert page.is_hidden("[data-partly]")
        shot(page, f"map-1440-{theme}-{tag}")
        assert page.evaluate("seen.csp") == []
        assert page.evaluate("seen.shift") < 0.02
        assert (seen.outside, seen.errors) == ([], [])


def test_the_map_changes_its_clothes_with_the_page(light):
    page, _seen, _tiles = light
    home(page)
    read = f"""{CHART} [['ground', 'background-color'], ['base-water', 'fill-color']]
      .map(([id, name]) => map.getPaintProperty(id, name))"""
    day = page.evaluate(read)
    page.keyboard.press("d")
    page.wait_for_function(
        f"""day => {{ {CHART}
          return map.getPaintProperty('base-water', 'fill-color') !== day; }}""",
        arg=day[1],
    )
    night = page.evaluate(read)
    assert all(one != other for one, other in zip(day, night, strict=True))
    page.keyboard.press("d")


def test_all_that_happens_on_the_map_is_in_the_lists(light):
    page, seen, _tiles = light
    home(page)
    page.wait_for_selector("#open > .row")
    shown = page.evaluate(f"""async () => {{ {CHART}
      const of = async id =>
        (await map.getSource(id).getData()).features.map(f => f.properties);
      return {{incidents: await of('incidents'), units: await of('units')}}; }}""")
    rows = page.eval_on_selector_all("#open > .row", """rows => Object.fromEntries(rows.map(
      r => [r.dataset.incident, r.innerText]))""")  # fmt: skip
    units = set(page.eval_on_selector_all("#units [data-unit]", "n => n.map(u => u.dataset.unit)"))
    drawn = {one["id"] for one in shown["incidents"]}
    assert len(drawn) == 5
    assert drawn == set(rows)
    for one in shown["incidents"]:
        assert one["p"] in rows[one["id"]]
        assert all(crew in rows[one["id"]] for crew in one["crew"].split())
    moving = {one["u"] for one in shown["units"]}
    assert moving
    assert moving <= units
    busy = page.request.get(f"{seen.base}/api/board").json()["units"]
    away = {one["unit"] for one in busy if one["jobs"]}
    assert moving | {c for one in shown["incidents"] for c in one["crew"].split()} == away


def test_no_name_of_the_map_stands_on_a_call(light):
    page, _seen, _tiles = light
    home(page)
    tell = "told => document.dispatchEvent(new CustomEvent('answerable:map', {detail: told}))"
    call = {"id": "x", "p": "1", "at": [9.505, 47.105], "due": None, "from": None}
    assert "Main Lane" in written(page, "base-town")
    page.evaluate(tell, {"incidents": [call]})  # right where the town's name stands
    page.wait_for_function(
        f"() => {{ {CHART} return map.queryRenderedFeatures({{layers: ['ring']}}).length === 6; }}"
    )
    page.evaluate(IDLE)
    page.wait_for_timeout(500)
    over = page.evaluate(f"""() => {{ {CHART}
      const names = map.getStyle().layers.map(l => l.type === 'symbol' && l.id)
        .filter(id => id && id.startsWith('base-'));
      return map.queryRenderedFeatures({{layers: ['ring']}}).flatMap(ring => {{
        const {{x, y}} = map.project(ring.geometry.coordinates);
        return map.queryRenderedFeatures([[x - 7, y - 7], [x + 7, y + 7]], {{layers: names}});
      }}).map(f => f.properties.name ?? f.properties.number); }}""")
    page.evaluate(tell, {"incidents": [{"id": "x", "gone": True}]})
    assert over == []


def test_the_map_is_entered_and_left_with_the_keyboard_and_its_controls_are_buttons(calm):
    on_map = f"{CHART} document.activeElement === map.getCanvas()"
    page, seen, _tiles = calm
    home(page)
    page.wait_for_selector("#open > .row[aria-current=true]")
    page.keyboard.press("j")
    row = page.evaluate("document.activeElement.closest('.row').dataset.incident")
    page.keyboard.press("m")
    assert page.evaluate(on_map)
    assert page.evaluate(f"{CHART} map.getCanvas().getAttribute('aria-label')")
    before = page.evaluate(f"{CHART} [map.getZoom(), map.getCenter().lng]")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        f"z => {{ {CHART} return map.getZoom() > z[0] && map.getCenter().lng > z[1]; }}",
        arg=before,
    )
    assert "POST" not in asked, "the demonstration's clock was told something"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.closest('.row').dataset.incident") == row
    page.keyboard.press("m")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('#map .tools button')")
    named = page.eval_on_selector_all(
        "#map .tools > *", "n => n.map(b => [b.tagName, b.innerText.trim()])"
    )
    assert all(tag == "BUTTON" and words for tag, words in named)
    assert seen.errors == []


def test_under_reduced_motion_nothing_glides(calm):
    count = f"() => {{ {CHART} window.moves = 0; map.on('move', () => window.moves++); }}"
    page, _seen, _tiles = calm
    home(page)
    page.evaluate(IDLE)
    page.evaluate(count)
    page.click("#map [data-zoom=in]")
    page.click("#map [data-zoom=home]")
    page.mouse.move(700, 450)
    zoom = page.evaluate(f"{CHART} map.getZoom()")
    page.mouse.wheel(0, -120)
    page.wait_for_function(f"z => {{ {CHART} return map.getZoom() > z; }}", arg=zoom)
    page.wait_for_timeout(400)
    assert page.evaluate("window.moves") == 3


def test_the_hospital_is_on_the_map_of_a_phone(drawing, port):
    with board(drawing, port, viewport=PHONE, theme="dark") as (page, seen, _tiles):
        page.evaluate("document.getElementById('map').scrollIntoView()")
        page.evaluate(IDLE)
        assert written(page, "hospital")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        shot(page, "map-390-dark-en")
        page.evaluate(f"{CHART} map.jumpTo({{center: [9.5075, 47.1075], zoom: 15}})")
        assert "Spital" in written(page, "hospital")
        assert seen.errors == []


def test_house_numbers_stand_only_where_one_is_near(light):
    page, _seen, _tiles = light
    home(page)
    page.evaluate(f"{CHART} map.jumpTo({{center: [9.5004, 47.1004], zoom: 17}})")
    assert written(page, "base-house") == {"7b"}
    page.evaluate(f"{CHART} map.jumpTo({{zoom: 15.5}})")
    assert written(page, "base-house") == set()


def test_without_any_tile_the_streets_and_the_calls_are_drawn_and_it_is_said_once(drawing, port):
    def prepare(page):
        page.route("**/basemap.pmtiles", lambda route: route.abort())

    with board(drawing, port, prepare=prepare, viewport=SMALL) as (page, _seen, _tiles):
        page.wait_for_selector("[data-partly]:not([hidden])")
        page.wait_for_function(
            f"""() => {{ {CHART} return map.getLayer('street-main')
              && map.queryRenderedFeatures({{layers: ['street', 'street-main']}}).length > 3; }}"""
        )
        assert page.eval_on_selector_all("[data-partly]:not([hidden])", "n => n.length") == 1
        rings = page.evaluate(f"{CHART} map.queryRenderedFeatures({{layers: ['ring']}}).length")
        assert rings == 5
        page.keyboard.press("d")  # the clothes still fit


def test_where_one_tile_cannot_be_read_the_rest_of_the_map_and_the_calls_go_on(drawing, port):
    with board(drawing, port, viewport=SMALL) as (page, _seen, _tiles):
        page.evaluate(IDLE)
        page.route("**/basemap.pmtiles", lambda route: route.abort())
        page.evaluate(f"{CHART} map.jumpTo({{center: [9.53, 47.09], zoom: 14}})")
        page.wait_for_selector("[data-partly]:not([hidden])")
        page.evaluate(f"{CHART} map.jumpTo({{center: [9.505, 47.105], zoom: 13}})")
        page.wait_for_function(
            f"""() => {{ {CHART}
              return map.queryRenderedFeatures({{layers: ['ring']}}).length === 5; }}"""
        )
        assert page.evaluate(f"{CHART} !!map.getLayer('base-water') && !map.getLayer('street')")


def test_the_stations_and_hospitals_on_the_map_are_a_table_of_the_units_page(light):
    page, seen, _tiles = light
    drawn = page.evaluate(f"""async () => {{ {CHART}
      const told = await map.getSource('stations').getData();
      return told.features.map(f => f.properties.name); }}""")
    rows = page.evaluate(
        """async url => {
          const text = await (await fetch(url)).text();
          const page = new DOMParser().parseFromString(text, 'text/html');
          return [...page.querySelectorAll('#fixed-places tbody tr')].map(
            row => [...row.cells].map(cell => cell.textContent)); }""",
        f"{seen.base}/units",
    )
    assert sorted(row[0] for row in rows) == sorted(drawn)
    assert ["Spital", "Hospital", "East"] in rows
