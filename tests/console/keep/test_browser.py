"""An alarm about the record in a real browser: it comes by itself, fits, and is acknowledged."""

from __future__ import annotations

import pytest

from answerable.keeping import words as w
from answerable.record.memory import MemoryStore
from tests.console.browser import AXE, FLAT, driven
from tests.console.contract.served import make_world, serving
from tests.console.keep.test_shown import OPERATOR, RECORD, fail, prove, watch
from tests.console.visiting import PHONE, WIDE, faults_of

pytestmark = pytest.mark.browser
pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def desk(tmp_path):
    """A supervisor at the board of a centre that is watched, and that centre."""
    with (
        serving(tmp_path, lambda folder: make_world(folder, MemoryStore())) as there,
        driven() as launch,
    ):
        there.call(watch, there.world)
        there.call(prove, there.world)
        page = launch(FLAT).new_context(viewport=WIDE, reduced_motion="reduce").new_page()
        page.goto(f"{there.url}/demo/sign-in/supervisor")
        yield page, there


def test_an_alarm_comes_to_a_supervisors_page_by_itself_and_goes_when_acknowledged(desk):
    page, there = desk
    page.goto(f"{there.url}/units")
    mark = page.locator("[data-alarms]")
    assert not mark.is_visible()
    there.call(fail, there.world)
    mark.wait_for(state="visible", timeout=30_000)
    assert "1" in mark.inner_text()
    mark.click()
    page.wait_for_url("**/admin/health**")
    page.evaluate(AXE)
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        assert page.evaluate(WIDER) <= 0
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert faults_of(page) == []
    page.set_viewport_size(WIDE)
    page.locator("#alarms summary").first.press("Enter")
    page.locator("#alarms [name=remark]").fill("a new disk comes at noon")
    page.locator("#alarms [name=remark]").press("Enter")
    page.wait_for_url("**/admin/health?done=*")
    assert "a new disk comes at noon" in page.locator(".said").inner_text()
    assert not page.locator("[data-alarms]").is_visible()
    state = there.world.centre.hub.state["keeping"]
    assert state.troubles[RECORD].remark == "a new disk comes at noon"


def test_a_proven_backup_takes_the_alarm_away_from_an_open_page(desk):
    page, there = desk
    there.call(
        there.world.do, w.FailBackup, OPERATOR, sort=w.Sort.FULL, found=w.Found.SMALL,
        where="/x", why="it ends early",
    )  # fmt: skip
    page.goto(f"{there.url}/units")
    mark = page.locator("[data-alarms]")
    mark.wait_for(state="visible", timeout=30_000)
    there.call(prove, there.world)
    mark.wait_for(state="hidden", timeout=30_000)
