"""Going through every page with a browser, and what is looked at on each: see ``every_page``."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.console.browser import DRAWS, FLAT, WATCH, driven
from tests.console.every_page import Pages, every_page

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


MAPPED = ("board", "take")
"""The pages with a map; only these are opened in the browser that draws them."""


class Browsers(NamedTuple):
    """A quick browser, and one that draws maps."""

    flat: Any
    drawing: Any


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> Iterator[Pages]:
    with every_page(tmp_path_factory.mktemp("every-page")) as made:
        yield made


@pytest.fixture(scope="module")
def browsers() -> Iterator[Browsers]:
    with driven() as launch:
        yield Browsers(launch(FLAT), launch(DRAWS))


@contextlib.contextmanager
def browsing(chrome, pages, *, signed_in, tag="en", viewport=WIDE, **more) -> Iterator[Any]:
    """Yield a page of a browser, and what goes wrong on it."""
    context = chrome.new_context(
        viewport=viewport, locale=tag, **({"reduced_motion": "reduce"} | more)
    )
    context.add_init_script(WATCH)
    if signed_in:
        pages.sign_in(context)
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {LOOK} }})")
    try:
        yield page
    finally:
        context.close()


def visits(browsers, pages, **how) -> Iterator[tuple[str, Any]]:
    """Yield every page in turn, loaded and at rest: first those of the door, then the others."""
    for signed_in, maps in ((False, False), (True, False), (True, True)):
        chrome = browsers.drawing if maps else browsers.flat
        found = pages.signed_in() if signed_in else pages.door()
        with browsing(chrome, pages, signed_in=signed_in, **how) as page:
            for name, url in found.items():
                if (name in MAPPED) != maps:
                    continue
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


# -- what is looked at -----------------------------------------------------------------------


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
