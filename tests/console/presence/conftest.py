"""A served centre, a browser, and desks to work at: each a browser context of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from answerable.console.session import COOKIE
from answerable.dispatch import words as d
from tests.console.browser import WATCH, Seen
from tests.console.conftest import chrome
from tests.console.contract.served import Served, make_world, serving

__all__ = ["chrome", "desk", "served"]
WIDE = {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), make_world) as one:
        for number in range(4, 30):
            one.call(
                one.world.do, d.PutOnDuty, unit=f"E{number:02d}X", unit_type="ENGINE",
                station="3", skills=("ALS",),
            )  # fmt: skip
        yield one


@pytest.fixture
def desk(served, chrome) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page at a desk of its own."""
    with contextlib.ExitStack() as stack:

        def at(role: str = "dispatcher", tag: str = "en", **more: Any) -> Any:
            made = chrome.new_context(**({"viewport": WIDE, "locale": tag} | more))
            stack.callback(made.close)
            name, _, value = served.cookie(role).partition("=")
            assert name == COOKIE
            made.add_cookies([{"name": name, "value": value, "url": served.url}])
            made.add_init_script(WATCH)
            page = made.new_page()
            page.seen = Seen(served.url)
            page.seen.follow(page)
            return page

        yield at
