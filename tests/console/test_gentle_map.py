"""A map that is drawn slowly gives way to the keys, loses no change, and says that it lags."""

from __future__ import annotations

import pytest

from tests.console.map_scene import scene
from tests.console.test_map import SMALL, board
from tests.towns.little import write_town

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")
pytest.importorskip("osmium", reason="needs: pip install 'answerable[osm]'")

WAIT_MS = 30_000
CHART = "const box = document.getElementById('map'), map = box.chart;"
STILL = f"""() => {{ {CHART} return new Promise(done => {{
  let last = performance.now();
  map.on('render', () => {{ last = performance.now(); }});
  const look = () => performance.now() - last > 1500 ? done(true) : setTimeout(look, 50);
  look();
}}); }}"""
"""Nothing has been drawn for a while: what was wanted is on the map."""
WATCH = f"""() => {{ {CHART}
  window.watched = {{drew: 0, key: 0, early: 0}};
  addEventListener('keydown', () => {{ watched.key = performance.now(); }}, true);
  map.on('render', () => {{
    watched.drew += 1;
    if (performance.now() - watched.key < 500) watched.early += 1;
  }});
}}"""
PACE = """async (work) => {
  const at = performance.getEntriesByType('resource').map(e => e.name).find(n => n.includes('/gentle.js'));
  const { Pace } = await import(at);
  const told = [], pace = new Pace(work.slow, slow => told.push(slow));
  pace.ask = () => {};
  if (work.took) { for (const ms of work.took) pace.learn(ms); return told; }
  Object.assign(pace, work.is);
  return pace.due(work.now);
}"""  # noqa: E501


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with scene(write_town(tmp_path_factory.mktemp("towns") / "little")) as port:
        yield port


@pytest.fixture(scope="module")
def slow(drawing, port):
    """The board where the processor draws, at rest."""
    with board(drawing, port, viewport=SMALL) as (page, seen, _tiles):
        page.evaluate(STILL)
        yield page
        assert (seen.outside, seen.errors) == ([], [])


@pytest.mark.parametrize(
    ("tag", "says"), [("en", "waits while keys are pressed"), ("zh-CN", "按键时暂停更新")]
)
def test_where_the_processor_draws_the_page_says_that_the_map_lags(drawing, port, tag, says):
    with board(drawing, port, viewport=SMALL, tag=tag) as (page, _seen, _tiles):
        word = page.locator("[data-slowly]")
        assert word.is_visible()
        assert says in word.inner_text()
        assert page.is_hidden("[data-partly]")
        plain = (
            f"() => {{ {CHART} return map.getCanvas().getContext('webgl2').getContextAttributes()"
        )
        assert page.evaluate(plain + ".antialias; }") is False
        word_box, source = word.bounding_box(), page.locator(".map .source").bounding_box()
        assert word_box["y"] + word_box["height"] <= source["y"], "it lies on the word below it"


def test_nothing_is_drawn_under_the_keys_and_the_choice_is_on_the_map_at_last(slow):
    slow.evaluate(WATCH)
    for key in "jjjkjkjjkkjj":
        slow.keyboard.press(key)
        slow.evaluate("() => new Promise(done => setTimeout(done, 60))")
    assert slow.evaluate("watched.early") == 0
    slow.wait_for_function(
        f"""() => {{ {CHART}
          const now = document.querySelector('#open > .row[aria-current=true]').dataset.incident;
          const on = map.queryRenderedFeatures({{layers: ['ring']}}).filter(f => f.properties.on);
          return on.length === 1 && on[0].properties.id === now; }}""",
        timeout=WAIT_MS,
    )
    slow.wait_for_function("() => watched.drew > 0", timeout=WAIT_MS)
    assert slow.evaluate("watched.early") == 0


def test_what_changed_under_the_keys_is_where_the_last_word_said(slow):
    slow.evaluate(STILL)
    slow.evaluate(
        """async () => {
          const told = (lon) => document.dispatchEvent(new CustomEvent('answerable:map', {detail: {
            units: [{u: 'Z9', look: 'sent', at: [lon, 47.105], inc: null}]}}));
          for (let n = 0; n < 20; n += 1) {
            document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'F13', bubbles: true}));
            told(9.5 + n * 0.0005);
            await new Promise(done => setTimeout(done, 50));
          }
        }"""
    )
    slow.wait_for_function(
        f"""() => {{ {CHART}
          const found = map.queryRenderedFeatures({{layers: ['unit']}}).filter(f => f.properties.u === 'Z9');
          return found.length === 1 && Math.abs(found[0].geometry.coordinates[0] - 9.5095) < 2e-4;
        }}""",  # noqa: E501
        timeout=WAIT_MS,
    )


def test_hands_on_the_map_come_first(slow):
    slow.evaluate(STILL)
    slow.evaluate(WATCH)
    before = slow.evaluate(f"() => {{ {CHART} return map.getZoom(); }}")
    slow.keyboard.press("m")
    slow.keyboard.press("+")
    slow.wait_for_function("() => watched.drew > 0 && watched.early > 0", timeout=WAIT_MS)
    slow.wait_for_function(f"() => {{ {CHART} return map.getZoom() > {before}; }}", timeout=WAIT_MS)
    slow.keyboard.press("Escape")


def test_a_picture_waits_for_rest_and_for_the_last_one_but_not_for_ever(slow):
    def due(now, **state):
        given = {"key": 0, "touch": -1e9, "last": 0, "cost": 100, "wanted": 10_000, **state}
        return slow.evaluate(PACE, {"slow": True, "is": given, "now": now})

    assert due(10_000) <= 10_000, "hands at rest"
    assert due(10_000, key=9_900) == 10_500, "just after a key"
    assert due(10_000, key=8_000, last=9_950) == 10_150, "the last one is hardly done"
    assert due(19_950, key=19_940) == 20_000, "hands that never rest"
    assert due(10_000, key=9_900, touch=9_900) <= 10_000, "hands on the map"


def test_what_pictures_take_decides_and_one_slow_picture_does_not(slow):
    def told(took, *, is_slow):
        return slow.evaluate(PACE, {"slow": is_slow, "took": took})

    assert told([5, 5, 900, 6, 5, 7, 5], is_slow=False) == []
    assert told([90] * 7, is_slow=False) == [True]
    assert told([5] * 7, is_slow=True) == [False]
    assert told([40] * 7, is_slow=True) == []
    assert told([90] * 7 + [5] * 7, is_slow=False) == [True, False]
