"""The receipt page: what a caller sees with number and code, and what nobody learns without."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from answerable.console.public import receipt as receipts
from answerable.console.public.receipt import STATES, STEPS
from answerable.console.public.throttle import ADDRESS_BURST, NUMBER_BURST
from answerable.disclosure import receipts as rules
from answerable.disclosure.codes import code_of
from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.event import Recorded, Row
from answerable.matters import matter_words as m
from answerable.vault import words as v

GRAVE = (("sue.one", "supervisor"), ("sue.two", "supervisor"))
SECRET_WORDS = "Zaphod-Sentinel-4711"


def code(world, number: str, kind: str = "call") -> str:
    return code_of(world.centre.receipt_secret, kind, number)


def ask(world, number: str, word: str, path: str = "/receipt", **form: str):
    """Ask for a receipt as nobody in particular."""

    async def scene(client) -> Any:
        return await client.post(path, data={"number": number, "code": word, **form})

    return world.run(scene, role="")


def call_of(world, **fields) -> tuple[str, str]:
    """Return an incident with one unit on it, and its call."""
    incident = world.incident(door=SECRET_WORDS, **fields)
    world.do(d.SendUnit, incident=incident, unit="E03")
    world.do(i.AddNote, incident=incident, words=SECRET_WORDS)
    return incident, world.centre.board.line(incident).calls[0]


def text_of(html: str) -> str:
    body = html.partition('<div id="shown"')[2].partition("</div>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", "<" + body)).strip()


def test_with_number_and_code_a_caller_sees_what_was_done_and_when(world):
    incident, call = call_of(world)
    answer = ask(world, call, code(world, call))
    assert answer.status_code == 200
    told = text_of(answer.text)
    assert "Help has been sent." in told
    assert re.search(r"12:0\d:\d\d PDT Help was sent \(Engine\)", told)
    world.do(d.Arrive, incident=incident, unit="E03")
    world.do(d.ClearUnit, incident=incident, unit="E03", outcome="helped")
    world.do(d.ReportBack, incident=incident, unit="E03", code="no-merit")
    world.do(d.CloseIncident, incident=incident, outcome="Code 2 Transport")
    told = text_of(ask(world, call.lower(), code(world, call).lower().replace("-", " ")).text)
    assert "The response is closed." in told
    assert "does not say that the matter is solved" in told


def test_nothing_of_place_person_unit_or_outcome_is_on_the_page(world):
    incident, call = call_of(world)
    world.do(d.ClearUnit, incident=incident, unit="E03", outcome="helped")
    world.do(d.CloseIncident, incident=incident, outcome="Code 2 Transport")
    html = ask(world, call, code(world, call)).text
    for secret in (SECRET_WORDS, "E03", "GOLDEN GATE", "Golden Gate", "37.78", "-122.4", incident,
                   "Medical", "helped", "Code 2"):  # fmt: skip
        assert secret not in html.replace(call, ""), secret


def test_a_wrong_number_and_a_wrong_code_are_answered_alike(world):
    _incident, call = call_of(world)
    right = code(world, call)
    wrong = [
        ask(world, call, code(world, "C1")), ask(world, "C1", right),
        ask(world, "nothing", "0000-0000"), ask(world, call, code(world, call, "incident")),
        ask(world, call, ""), ask(world, "", right),
    ]  # fmt: skip
    assert {answer.status_code for answer in wrong} == {404}
    pages = {re.sub(r'value="[^"]*"|autofocus', "", answer.text) for answer in wrong}
    assert len({re.sub(r"\s+", " ", page) for page in pages}) == 1
    assert "No call has this number together with this code." in wrong[0].text
    assert right not in wrong[0].text


def test_nothing_is_looked_up_before_the_code_fits(world, monkeypatch):
    _incident, call = call_of(world)
    looked = []
    store = type(world.centre.hub.store)
    real = store.stream
    monkeypatch.setattr(store, "stream", lambda self, name: looked.append(name) or real(self, name))
    ask(world, call, "0000-0000")
    ask(world, "C1", code(world, call))
    assert looked == []
    ask(world, call, code(world, call))
    assert looked


def test_an_incident_without_a_call_has_a_receipt_of_its_own(world):
    incident = world.do(
        i.OpenIncident, kind="Alarms", priority="3", address="X", lon=-122.4, lat=37.78
    ).incident
    answer = ask(world, incident, code(world, incident, "incident"))
    assert answer.status_code == 200
    assert "What it is about was recorded" in answer.text
    assert "/receipt/proof" not in answer.text
    refused = ask(world, incident, code(world, incident, "incident"), "/receipt/proof")
    assert refused.status_code == 404
    assert "There is no proof file for this number." in refused.text


def test_a_code_that_fits_a_number_the_record_does_not_have_shows_nothing(world):
    assert ask(world, "C999", code(world, "C999")).status_code == 404


def test_the_page_is_kept_nowhere_and_found_by_no_search(world):
    _incident, call = call_of(world)

    async def scene(client) -> Any:
        return await client.get("/receipt")

    for answer in (world.run(scene, role=""), ask(world, call, code(world, call)),
                   ask(world, call, "wrong")):  # fmt: skip
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "set-cookie" not in answer.headers
    assert code(world, call) not in str(answer.url)


def test_a_receipt_is_shown_in_chinese_too_and_stays_so(world):
    _incident, call = call_of(world)
    answer = ask(world, call, code(world, call), lang="zh-CN")
    assert 'lang="zh-CN"' in answer.text
    assert "已派出救援力量" in answer.text
    assert 'name="lang" value="en"' in answer.text


def test_another_site_cannot_ask_and_bytes_are_refused(world):
    async def scene(client) -> Any:
        foreign = await client.post(
            "/receipt", data={"number": "C1", "code": "x"}, headers={"sec-fetch-site": "cross-site"}
        )
        broken = await client.post("/receipt", content=b"\xff\xfe")
        return foreign, broken

    foreign, broken = world.run(scene, role="")
    assert (foreign.status_code, broken.status_code) == (403, 400)


@pytest.mark.parametrize("right", [True, False])
def test_a_number_may_be_asked_for_so_often_whether_the_code_is_right_or_not(world, right):
    _incident, call = call_of(world)
    word = code(world, call) if right else "0000-0000"
    expected = 200 if right else 404

    async def scene(client) -> Any:
        form = {"number": call, "code": word}
        return [await client.post("/receipt", data=form) for _ in range(NUMBER_BURST + 2)]

    answers = world.run(scene, role="")
    assert {one.status_code for one in answers[:NUMBER_BURST]} == {expected}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "asked for too often" in answers[-1].text


def test_an_address_may_ask_for_so_many_numbers(world):
    async def scene(client) -> Any:
        return [
            (await client.post("/receipt", data={"number": f"C{n}", "code": "x"})).status_code
            for n in range(ADDRESS_BURST + 2)
        ]

    statuses = world.run(scene, role="")
    assert set(statuses[:ADDRESS_BURST]) == {404}
    assert statuses[-1] == 429


def test_no_code_is_in_record_state_or_log(world, caplog):
    caplog.set_level(logging.DEBUG)
    incident, call = call_of(world)
    words = [code(world, call), code(world, incident, "incident")]
    ask(world, call, words[0])
    ask(world, call, "0000-0000")
    hub = world.centre.hub
    held = repr([*hub.store.rows()]) + repr(hub.state) + caplog.text
    for word in words:
        assert word not in held
        assert word.replace("-", "") not in held


def test_every_state_and_step_has_its_words():
    assert set(STATES) == set(rules.STATES)
    assert set(STEPS) == set(rules.STEPS)
    assert not any("solved" in words for words, _more in STATES.values())


# -- what became of it since ------------------------------------------------------------------


def ended(world) -> tuple[str, str]:
    """Return an incident that is closed, and its call."""
    incident, call = call_of(world)
    world.do(d.ClearUnit, incident=incident, unit="E03", outcome="helped")
    world.do(d.CloseIncident, incident=incident, outcome="done")
    return incident, call


def agreed(world, incident: str, act: v.Grave) -> None:
    """Have a grave act done by two people."""
    one, other = (Actor(name=name, role=role) for name, role in GRAVE)
    world.do(v.AskErasure, one, incident=incident, act=act, reason="asked for by the caller")
    world.do(v.ApproveErasure, other, incident=incident)


def test_after_an_erasure_the_steps_stand_and_it_is_said(world):
    incident, call = ended(world)
    before = text_of(ask(world, call, code(world, call)).text)
    agreed(world, incident, v.Grave.ERASE)
    answer = ask(world, call, code(world, call))
    assert "What you said, and your number, were erased on 2 Apr 2020" in answer.text
    for step in ("It was answered", "Help was sent", "The response was closed"):
        assert step in before
        assert step in text_of(answer.text)


def test_what_was_destroyed_is_shown_no_more(world):
    incident, call = ended(world)
    agreed(world, incident, v.Grave.DESTROY)
    answer = ask(world, call, code(world, call))
    told = text_of(answer.text)
    assert "Nothing more is shown of this call." in told
    assert "was withdrawn for good on 2 Apr 2020" in told
    for step in ("It was answered", "Help was sent", "closed"):
        assert step not in told
    assert "/receipt/proof" not in answer.text
    assert ask(world, call, code(world, call), "/receipt/proof").status_code == 404


def test_the_gravest_that_became_of_it_is_what_counts():
    def at(position: int, event: Any) -> Recorded:
        row = Row(position, "incident:1", event.tag, 1, position, position, "x", "key", 1, b"{}")
        return Recorded(row, event)

    erased = at(1, v.Erased(incident="1", because="table", streams=()))
    archived = at(2, v.Archived(incident="1", because="table"))
    destroyed = at(3, v.Destroyed(incident="1", because="asked", asked_by="a"))
    assert receipts.fate_of([])[0] == ""
    assert receipts.fate_of([erased])[::2] == ("erased", 1)
    assert receipts.fate_of([archived, erased])[0] == "archived"
    assert receipts.fate_of([destroyed, archived])[0] == "destroyed"


# -- the staff's side ------------------------------------------------------------------------


def test_the_incident_page_has_number_and_code_to_read_out_in_both_languages(world):
    incident, call = call_of(world)

    async def scene(client) -> Any:
        return await client.get(f"/incidents/{incident}")

    for role in ("call_taker", "dispatcher", "supervisor"):
        html = world.run(scene, role=role).text
        assert f'<b class="num">{code(world, call)}</b>' in html
        said = code(world, call).replace("-", " ")
        assert f"your code is {said}" in html
        assert f"查询码是 {said}" in html


def test_who_is_not_given_codes_sees_none(world):
    incident, call = call_of(world)
    sessions = world.app.front.sessions

    async def scene(client) -> Any:
        client.cookies.set("answerable", sessions.begin(Actor(name="x", role="crew")))
        return await client.get(f"/incidents/{incident}"), await client.get(f"/calls/{call}")

    shown, denied = world.run(scene, role="")
    assert shown.status_code == 200
    assert code(world, call) not in shown.text
    assert denied.status_code == 403


def test_a_call_without_an_incident_has_a_page_with_its_code(world):
    call = world.do(i.AnswerCall).call

    async def scene(client) -> Any:
        board = await client.get("/board")
        return board, await client.get(f"/calls/{call}"), await client.get("/calls/C999")

    board, shown, missing = world.run(scene, role="call_taker")
    assert f'href="/calls/{call}"' in board.text
    assert code(world, call) in shown.text
    assert missing.status_code == 404
    assert "There is no call C999." in missing.text


def test_a_caller_of_an_incident_laid_aside_still_finds_it(world):
    _incident, call = call_of(world)
    known = receipts.of(world.app.front, "call", call)
    hub = world.centre.hub
    board = hub.state["board"]
    incident = world.centre.board.line(_incident).incident
    world.do(d.ClearUnit, incident=incident, unit="E03", outcome="helped")
    world.do(d.CloseIncident, incident=incident, outcome="done")
    hub.rooms.aside.kept = 0
    try:
        other = world.incident()
        world.do(d.CloseIncident, incident=other, outcome="done")
        assert incident not in board.closed
        found = receipts.of(world.app.front, "call", call)
    finally:
        hub.rooms.aside.kept = 2000
    assert found is not None
    assert found.told.steps[: len(known.told.steps)] == known.told.steps
    assert found.told.state == "closed"


# -- the term of a tracked matter ------------------------------------------------------------

WHY_SEALED = "the surveyor of Zaphod is on leave"


def extended(world, incident: str, times: int) -> str:
    """Open a matter from an incident and have its term extended so many times."""
    matter = world.do(
        m.OpenMatter, kind="order", words=SECRET_WORDS, owner_sort="unit", owner="E03",
        origin="incident", about=incident,
    ).matter  # fmt: skip
    chief = Actor(name="chief", role="supervisor")
    for _nth in range(times):
        world.do(m.ExtendMatter, chief, matter=matter, reason=WHY_SEALED)
    return str(matter)


@pytest.mark.parametrize(
    ("times", "day"), [(1, "14 May 2020"), (2, "29 May 2020")], ids=["once", "over Memorial Day"]
)
def test_a_caller_reads_to_when_a_term_was_extended_and_never_why(world, times, day):
    """Opened on 2 April: 20 working days, and 10 more each time."""
    incident, call = call_of(world)
    matter = extended(world, incident, times)
    html = ask(world, call, code(world, call)).text
    assert f"The term for what is still to be done was extended to {day}" in text_of(html)
    assert f"it ends at {day} 23:59:59 PDT" in text_of(html)
    assert text_of(html).count("was extended to") == times
    for secret in (WHY_SEALED, SECRET_WORDS, f">{matter}", "order", "E03"):
        assert secret not in text_of(html), secret
    chinese = text_of(ask(world, call, code(world, call), lang="zh-CN").text)
    assert "尚待办理事项的期限已延长至 2020年5月" in chinese
    assert WHY_SEALED not in chinese


def test_a_matter_whose_term_stands_as_it_was_is_not_on_a_receipt(world):
    incident, call = call_of(world)
    extended(world, incident, 0)
    assert "term" not in text_of(ask(world, call, code(world, call)).text)
