"""Every page for everybody: languages, themes, sizes, zoom, less motion, no colours."""

from __future__ import annotations

import pytest

from tests.console.browser import AXE, shot
from tests.console.visiting import (
    PHONE,
    WIDE,
    ZOOMED,
    browsers,
    browsing,
    disordered,
    faults_of,
    pages,
    tongues,
    visits,
    walk,
    zoneless,
)

__all__ = ["browsers", "pages"]
pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")

# -- one visit of every page in each language, and what was found there ----------------------


@pytest.fixture(scope="module", params=["en", "zh-CN"])
def found(request, browsers, pages) -> dict[str, list[str]]:
    """Return what is wrong anywhere, by what it is about."""
    wrong: dict[str, list[str]] = {about: [] for about in CHECKS}
    for name, page in visits(browsers, pages, tag=request.param):
        for about, check in CHECKS.items():
            wrong[about] += [f"{name}: {one}" for one in check(page, request.param)]
        page.evaluate(AXE)
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)
            for theme, rules in (("light", None), ("dark", ["color-contrast"])):
                if theme == "dark" and request.param != "en":
                    continue  # the colours are those of the other language
                page.emulate_media(color_scheme=theme)
                where = f"{size['width']}-{theme}-{request.param}"
                wrong["axe"] += [f"{name} {where}: {one}" for one in faults_of(page, rules)]
                shot(page, f"every-{name.replace('/', '-')}-{where}")
            wrong["zone"] += [f"{name} {size['width']}: {one}" for one in zoneless(page)]
        page.emulate_media(color_scheme="light")
    return wrong


CHECKS = {
    "axe": lambda _page, _tag: [],
    "headings": disordered,
    "language": tongues,
    "colour": lambda page, _tag: page.evaluate("look.wordless()"),
    "motion": lambda page, _tag: page.evaluate("look.moving()"),
    "zone": lambda _page, _tag: [],
}
"""What is looked at on every page; axe and the zone are looked at in every size."""


def test_no_page_keeps_anybody_out_in_any_size_or_theme(found):
    assert found["axe"] == [], "\n".join(["", *found["axe"]])


def test_headings_follow_one_another_and_the_page_says_its_language(found):
    assert found["headings"] + found["language"] == []


def test_no_state_is_told_by_colour_alone(found):
    assert found["colour"] == []


def test_whoever_wants_less_motion_sees_none(found):
    assert found["motion"] == []


def test_every_page_that_shows_times_says_their_zone(found):
    assert found["zone"] == []


def test_at_twice_the_size_nothing_is_lost(browsers, pages):
    wrong = []
    for name, page in visits(browsers, pages, viewport=ZOOMED, device_scale_factor=2, tag="zh-CN"):
        if page.evaluate("document.documentElement.scrollWidth") > ZOOMED["width"]:
            wrong.append(f"{name}: wider than the window")
        wrong += [f"{name}: out of sight: {one}" for one in page.evaluate("look.outOfSight()")]
        wrong += [f"{name}: cut off: {one}" for one in page.evaluate("look.cut()")]
        shot(page, f"every-{name.replace('/', '-')}-zoomed")
    assert wrong == [], "\n".join(["", *wrong])


LONG = "−11 时 03 分"
LAID = """(long) => {
  for (const left of document.querySelectorAll('.soon .left, .due .left')) left.textContent = long;
  for (const what of document.querySelectorAll('.row .time .for')) what.textContent = '送医后反馈 · 响铃';
  const box = (node) => node.getBoundingClientRect(), wrong = [];
  for (const left of document.querySelectorAll('.soon .left, .due .left')) {
    const words = document.createRange();
    words.selectNodeContents(left);
    const beside = left.nextElementSibling ?? left.parentElement.nextElementSibling;
    if (box(words).right > box(beside).left) wrong.push('the countdown lies on the words');
  }
  for (const cell of document.querySelectorAll('.by-row td, .by-row td *')) {
    if (box(cell).right > innerWidth + 1) wrong.push(`behind the edge: ${cell.innerText}`);
  }
  for (const number of document.querySelectorAll('.row .what .num')) {
    if (box(number).right > box(number.closest('.words')).right + 1) wrong.push(`cut: ${number.innerText}`);
  }
  return wrong;
}"""  # noqa: E501 - a program for the browser


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_words_lie_on_others_and_no_column_is_behind_the_edge(browsers, pages, size):
    wrong, found = [], pages.signed_in()
    with browsing(browsers.flat, pages, signed_in=True, tag="zh-CN", viewport=size) as page:
        for name in ("hand-over", "reports", "units", "standards", "board"):
            page.goto(found[name], wait_until="load")
            wrong += [f"{name}: {one}" for one in page.evaluate(LAID, LONG)]
    assert wrong == [], "\n".join(["", *wrong])


# -- the checks are shown to hurt ------------------------------------------------------------


def styled(css: str) -> str:
    """Return a script that lays a style over a page."""
    return f"""() => {{ const sheet = new CSSStyleSheet(); sheet.replaceSync(`{css}`);
      document.adoptedStyleSheets = [sheet]; }}"""


PLANTED = {
    "a focus that nobody sees": (styled(":focus-visible { outline: none }"), walk),
    "a button behind the edge": (styled(".menu { position: fixed; left: -900px }"), walk),
    "something the tabulator passes": (
        "() => document.querySelector('.theme').addEventListener('focus', (e) => e.target.blur())",
        walk,
    ),
    "a trap": (
        """() => document.querySelector('.theme').addEventListener(
          'keydown', (event) => event.key === 'Tab' && event.preventDefault())""",
        walk,
    ),
    "a level left out": (
        "() => { document.querySelector('h2').outerHTML = '<h4>Free</h4>' }",
        lambda page: disordered(page, "en"),
    ),
    "a colour without a word": (
        "() => { const dot = document.createElement('i'); dot.className = 'late'; "
        "document.querySelector('h1').append(dot); }",
        lambda page: page.evaluate("look.wordless()"),
    ),
    "something that moves": (
        styled("h1 { transition: color 2s !important }"),
        lambda page: page.evaluate("look.moving()"),
    ),
    "a time without its zone": (
        "() => document.querySelectorAll('.now span').forEach((node) => node.remove())", zoneless,
    ),
    "a control out of sight": (
        styled(".foot .keys { position: absolute; left: 2000px }"),
        lambda page: page.evaluate("look.outOfSight()"),
    ),
    "words that are cut off": (
        styled("h1 { width: 20px; overflow: hidden }"), lambda page: page.evaluate("look.cut()"),
    ),
    "grey on grey": (styled(".lead { color: #ccc }"), faults_of),
    "another language": (
        "() => { document.documentElement.lang = 'fr' }", lambda page: tongues(page, "en"),
    ),
}  # fmt: skip


def test_every_check_of_a_page_catches_what_it_is_for(browsers, pages):
    with browsing(browsers.flat, pages, signed_in=True) as page:
        url = pages.signed_in()["units"]
        for check in dict.fromkeys(check for _spoil, check in PLANTED.values()):
            page.goto(url, wait_until="load")
            page.evaluate(AXE)
            assert check(page) == []
        for what, (spoil, check) in PLANTED.items():
            page.goto(url, wait_until="load")
            page.evaluate(AXE)
            page.evaluate(spoil)
            assert check(page) != [], what
