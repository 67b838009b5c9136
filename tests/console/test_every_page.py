"""Every page for everybody: languages, themes, sizes, keyboard, zoom, less motion, no colours."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.console.browser import AXE, FLAGS, WATCH, chromium, shot
from tests.console.every_page import Pages, every_page

pytestmark = pytest.mark.browser
playwright = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")

WIDE, PHONE, ZOOMED = (
    {"width": 1440, "height": 900}, {"width": 390, "height": 844}, {"width": 720, "height": 450},
)  # fmt: skip
SETTLED = (
    "() => !document.querySelector('.htmx-request') && "
    "(!document.querySelector('#findings') || document.querySelector('#findings .counts'))"
)
LOOK = """
window.look = (() => {
  const seen = (node) => node.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const REACHED = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
  const name = (node) => `${node.localName}${node.id ? '#' + node.id : ''}.${[...node.classList].join('.')}`
    + ` "${(node.innerText || node.name || '').trim().slice(0, 30)}"`;
  /* Radio buttons of one name are one stop; a closed detail is opened by its summary. */
  const reachable = () => [...document.querySelectorAll(REACHED)].filter(
    (node) => seen(node) && !node.disabled && node.tabIndex >= 0 && !node.closest('dialog:not([open]), [inert]'));
  const face = (node) => {
    const parts = [];
    for (let at = node, n = 0; at && n < 3; at = at.parentElement, n += 1) {
      const s = getComputedStyle(at);
      parts.push(s.outlineStyle === 'none' ? '' : s.outline, s.boxShadow, s.borderColor);
    }
    return parts.join('|');
  };
  const calm = new Map(), walked = new WeakSet();
  let last = null;
  return {
    before() { document.activeElement?.blur?.(); calm.clear(); for (const n of reachable()) calm.set(n, face(n)); return calm.size; },
    /* What the focus is on, and what is wrong with it. */
    at() {
      const node = document.activeElement;
      if (!node || node === document.body || node === document.documentElement) return null;
      const box = node.getBoundingClientRect();
      const wrong = [];
      if (box.width < 1 || box.height < 1) wrong.push('has no size');
      if (box.right <= 0 || box.left >= innerWidth || box.bottom <= 0 || box.top >= innerHeight) wrong.push('is out of sight');
      if (calm.has(node) && calm.get(node) === face(node)) wrong.push('does not show that it has the focus');
      const trapped = node === last;
      if (trapped) wrong.push('does not let go of the focus');
      last = node;
      walked.add(node);
      return {name: name(node), wrong, trapped, busy: Boolean(document.querySelector('.htmx-request'))};
    },
    missed: () => reachable().filter((n) => !walked.has(n)).map(name),
    outOfSight: () => reachable().filter((n) => {
      const box = n.getBoundingClientRect();
      const scrolled = n.closest('.scroll, .tabs, .nav, .rights-box');
      return !n.matches('.skip') && !scrolled && (box.left < -1 || box.right > innerWidth + 1);
    }).map(name),
    cut: () => [...document.querySelectorAll('body *')].filter((n) => {
      const s = getComputedStyle(n);
      const own = [...n.childNodes].some((c) => c.nodeType === 3 && c.nodeValue.trim());
      return own && seen(n) && !n.closest('.unseen, .scroll, .map') && s.overflowX !== 'visible' && s.overflowX !== 'auto'
        && n.scrollWidth > n.clientWidth + 1 && !n.title && !n.closest('[title]');
    }).map(name),
    headings: () => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]
      .filter((n) => !n.closest('dialog')).map((n) => Number(n.localName[1])),
    moving: () => [
      ...document.getAnimations().filter((a) => a.playState === 'running').map((a) => name(a.effect.target)),
      ...[...document.querySelectorAll('*')].filter((n) => {
        const s = getComputedStyle(n);
        const long = (t) => t.split(',').some((one) => parseFloat(one) > 0.011);
        return long(s.transitionDuration) || (s.animationName !== 'none' && long(s.animationDuration));
      }).map(name)],
    /* A sign of a state that has neither words nor a name: colour alone would tell it. */
    wordless: () => [...document.querySelectorAll('.calm, .near, .late, .bad, .well, .waits, .changed, .over, [data-state]')]
      .filter((n) => seen(n) && n.localName !== 'svg' && !n.matches('.drain, [aria-hidden=true] *'))
      .filter((n) => !(n.innerText?.trim() || n.title || n.getAttribute('aria-label') || n.parentElement.title))
      .map(name),
  };
})();
"""  # noqa: E501 - a program for the browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Iterator[Pages]:
    with every_page(tmp_path_factory.mktemp("every-page")) as made:
        yield made


@pytest.fixture(scope="module")
def chrome() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield browser
        browser.close()


@contextlib.contextmanager
def browsing(chrome, pages, *, signed_in, tag="en", viewport=WIDE, **more) -> Iterator[Any]:
    """Yield a page of a browser, and what goes wrong on it."""
    context = chrome.new_context(
        viewport=viewport, locale=tag, **({"reduced_motion": "reduce"} | more)
    )
    context.add_init_script(WATCH)
    if signed_in:
        pages.sign_in(context)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {LOOK} }})")
    try:
        yield page
    finally:
        context.close()


def visits(chrome, pages, **how) -> Iterator[tuple[str, Any]]:
    """Yield every page in turn, loaded and at rest: first those of the door, then the others."""
    for signed_in in (False, True):
        with browsing(chrome, pages, signed_in=signed_in, **how) as page:
            found = pages.signed_in() if signed_in else pages.door()
            for name, url in found.items():
                page.set_viewport_size(how.get("viewport", WIDE))
                page.goto(url, wait_until="load")
                page.wait_for_function(SETTLED, timeout=60_000)
                if page.query_selector("#map"):
                    page.wait_for_selector("#map[data-ready]", timeout=60_000)
                yield name, page


def faults_of(page, rules: list[str] | None = None) -> list[str]:
    """Return what axe finds that is serious; of some rules only, where they are given."""
    options = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = page.evaluate("o => axe.run(o)", options)["violations"]
    return [
        f"{v['id']}: {n['target']} {n['failureSummary']}"
        for v in found if v["impact"] in ("serious", "critical") for n in v["nodes"]
    ]  # fmt: skip


# -- one visit of every page in each language, and what was found there ----------------------


@pytest.fixture(scope="module", params=["en", "zh-CN"])
def found(request, chrome, pages) -> dict[str, list[str]]:
    """Return what is wrong anywhere, by what it is about."""
    wrong: dict[str, list[str]] = {about: [] for about in CHECKS}
    for name, page in visits(chrome, pages, tag=request.param):
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


def disordered(page: Any, _tag: str) -> list[str]:
    """Return the headings of a page where one is missing or a level is left out."""
    levels = page.evaluate("look.headings()")
    leap = any(after - before > 1 for before, after in itertools.pairwise(levels))
    return [f"headings {levels}"] if levels[:1] != [1] or levels.count(1) != 1 or leap else []


def tongues(page: Any, tag: str) -> list[str]:
    """Return what the page says its language is, where it is another."""
    said = page.evaluate("document.documentElement.lang")
    return [] if said == tag else [f"lang is {said}"]


def zoneless(page: Any) -> list[str]:
    """Return the first time on a page that shows times and no zone."""
    shown = page.evaluate("document.body.innerText")
    times = re.findall(r"\b\d{1,2}:\d{2}:\d{2}\b", shown)
    return times[:1] if times and not re.search(r"\bP[DS]T\b|America/", shown) else []


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


# -- the keyboard ----------------------------------------------------------------------------


def walk(page, most: int = 700) -> list[str]:
    """Go through a page with the tabulator until it begins again; returns what is wrong."""
    wrong, first, ends = [], None, False
    page.evaluate("look.before()")
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate("look.at()")
        if at is None:  # past the last one: a page that took the focus itself begins again here
            if first is None or ends:
                break
            ends = True
            continue
        if at["name"] == first:
            break
        first = first or at["name"]
        if at["busy"]:  # what the focus chooses is fetched: a person waits for it too
            page.wait_for_function("() => !document.querySelector('.htmx-request')")
        wrong += [f"{at['name']} {what}" for what in at["wrong"]]
        if at["trapped"]:
            break
    else:
        wrong.append(f"the tabulator does not come out again: {at['name']}")
    return wrong + [f"{missed} is not reached" for missed in page.evaluate("look.missed()")]


@pytest.mark.parametrize(
    "how", [{"viewport": WIDE}, {"viewport": PHONE, "forced_colors": "active"}]
)
def test_everything_is_reached_by_the_keyboard_and_shows_that_it_is(chrome, pages, how):
    wrong = []
    for name, page in visits(chrome, pages, **how):
        wrong += [f"{name}: {one}" for one in walk(page)]
        if "forced_colors" in how:
            shot(page, f"every-{name.replace('/', '-')}-forced")
    assert wrong == [], "\n".join(["", *wrong])


def test_at_twice_the_size_nothing_is_lost(chrome, pages):
    wrong = []
    for name, page in visits(chrome, pages, viewport=ZOOMED, device_scale_factor=2, tag="zh-CN"):
        if page.evaluate("document.documentElement.scrollWidth") > ZOOMED["width"]:
            wrong.append(f"{name}: wider than the window")
        wrong += [f"{name}: out of sight: {one}" for one in page.evaluate("look.outOfSight()")]
        wrong += [f"{name}: cut off: {one}" for one in page.evaluate("look.cut()")]
        shot(page, f"every-{name.replace('/', '-')}-zoomed")
    assert wrong == [], "\n".join(["", *wrong])


def test_the_page_is_skipped_to_and_every_field_is_left_with_escape(chrome, pages):
    with browsing(chrome, pages, signed_in=True) as page:
        for name, url in pages.signed_in().items():
            page.goto(url, wait_until="load")
            if not page.query_selector(".skip"):
                continue  # a refusal has nothing to skip
            if page.query_selector("[autofocus]"):
                continue  # there the work begins in a field; the keys of the page lead out of it
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.matches('.skip')"), name
            page.keyboard.press("Enter")
            assert page.evaluate("location.hash === '#main'"), name
            page.keyboard.press("Tab")
            assert page.evaluate("document.querySelector('#main').contains(document.activeElement)")
            if not page.query_selector("#line"):
                continue  # a role without the command bar
            page.focus("#line [name=line]")
            page.keyboard.press("Escape")
            assert page.evaluate("!document.activeElement.matches('input')"), name


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


def test_every_check_of_this_file_catches_what_it_is_for(chrome, pages):
    with browsing(chrome, pages, signed_in=True) as page:
        url = pages.signed_in()["units"]
        for what, (spoil, check) in PLANTED.items():
            page.goto(url, wait_until="load")
            page.evaluate(AXE)
            assert check(page) == [], what
            page.goto(url, wait_until="load")
            page.evaluate(AXE)
            page.evaluate(spoil)
            assert check(page) != [], what
