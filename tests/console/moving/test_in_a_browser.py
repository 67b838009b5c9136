"""Moving units by keys alone in a real browser, in both languages."""

from __future__ import annotations

import re

import pytest

from answerable.console.moving.marks import of_incident
from answerable.dispatch import move_words as m
from answerable.dispatch import words as d
from tests.console.browser import AXE, shot

pytestmark = pytest.mark.browser

WORDS = {
    "en": {"all": "Send all of them", "sent": "2 of 2 sent", "hold": "Put on hold",
           "held": "on hold until", "come": "A message has come for you"},
    "zh-CN": {"all": "全部派出", "sent": "已派 2 / 2", "hold": "暂缓", "held": "暂缓至",
              "come": "您有一条新消息"},
}  # fmt: skip


def opened(served, **fields) -> str:
    return str(served.call(served.world.incident, **fields))


def at(page, served, incident: str) -> None:
    page.goto(f"{served.url}/incidents/{incident}")
    page.wait_for_selector("[data-kept][data-state=ok]")


@pytest.mark.parametrize("tag", WORDS)
def test_everybody_is_sent_by_one_key(served, desk, tag):
    incident, page, words = opened(served, kind="Structure Fire"), desk(tag=tag), WORDS[tag]
    at(page, served, incident)
    units = page.get_attribute(".send-all [name=units]", "value").split("\t")
    words = {**words, "sent": re.sub("2", str(len(units)), words["sent"])}
    page.focus(f".send-all button:has-text('{words['all']}')")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#incident-head:has-text('{units[-1]}')")
    line = served.world.centre.board.line(incident)
    assert sorted(line.jobs) == sorted(units)
    assert page.evaluate("seen.csp") == []
    shot(page, f"moving-sent-all-1440-light-{tag[:2]}")
    for unit in units:
        served.call(served.world.do, d.CancelUnit, incident=incident, unit=unit, reason="a test")


@pytest.mark.parametrize("tag", WORDS)
def test_an_incident_is_put_on_hold_by_keys_and_the_board_shows_it(served, desk, tag):
    incident, page, words = opened(served), desk(tag=tag), WORDS[tag]
    at(page, served, incident)
    page.focus(f"details.more > summary:text-is('{words['hold']}')")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("23:55")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("police go in first")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#incident-head .mark:has-text('{words['held']} 23:55')")
    page.evaluate(AXE)
    serious = page.evaluate(
        "axe.run().then(r => r.violations.filter(v => /serious|critical/.test(v.impact))"
        ".map(v => v.id))"
    )
    assert serious == []
    page.goto(f"{served.url}/board")
    page.wait_for_selector(f"#row-{incident} .mark:has-text('{words['held']} 23:55')")
    phrases = served.world.app.front.phrases(tag)
    line = served.world.centre.board.line(incident)
    assert of_incident(line, phrases, served.world.app.front.now_us(), brief=True)


@pytest.mark.parametrize("tag", WORDS)
def test_a_desk_is_told_at_once_that_a_message_has_come_and_reads_it(served, desk, tag):
    incident, page = opened(served), desk("call_taker", tag)
    page.goto(f"{served.url}/board")
    page.wait_for_selector("[data-kept][data-state=ok]")
    assert page.is_hidden("#letters")
    there = page.get_attribute("body", "data-desk")
    words = "the second caller is on hold"
    served.call(served.world.do, m.SendMessage, incident=incident, desk=there, words=words)
    page.wait_for_selector(f"#letters:has-text('{WORDS[tag]['come']}')")
    assert words not in page.content()
    page.focus("#letters a")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".letters .words:has-text('{words}')")
    assert page.evaluate("seen.csp") == []
