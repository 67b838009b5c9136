"""The page of a token: asks once, keeps words sealed, and tells a stranger nothing."""

from __future__ import annotations

import asyncio
import logging
import re

import pytest

from answerable.console.public import throttle
from answerable.followup import back_words as b
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from tests.console.saying.conftest import HOUR_US, Asked

OWN = {"origin": "http://127.0.0.1"}
STAFF = Actor(name="supervisor", role="supervisor")
MARKS = {"manner": "5", "speed": "2", "result": "3", "overall": "4"}


def say(asked: Asked, token: str, form: dict[str, str] | None = None, **headers: str):
    """Send the form of a token, or look at its page where there is none."""

    async def scene(client):
        path = f"/say/{token}"
        if form is None:
            return await client.get(path, headers=headers)
        return await client.post(path, data=form, headers=OWN | headers)

    return asked.world.run(scene, role="")


def test_whoever_has_a_token_is_asked_the_towns_questions_in_the_callers_language(asked):
    incident, call = asked.over()
    page = say(asked, asked.token(incident, call, "zh-CN"))
    assert page.status_code == 200
    script = asked.front.town.following.script
    for question in script.questions:
        assert question.ask["zh-CN"] in page.text
    assert 'lang="zh-CN"' in page.text
    assert len(re.findall(r'type="radio"', page.text)) == 20


def test_the_page_says_nothing_of_what_the_call_was_about(asked):
    incident, call = asked.over()
    page = say(asked, asked.token(incident, call)).text
    about = (incident, call, "GOLDEN GATE", "LARKIN", "Outside Fire", "nothing found", "555 0142")
    for secret in about:
        assert secret not in page


def test_an_answer_is_recorded_with_its_words_sealed_and_the_token_is_used_up(asked):
    incident, call = asked.over()
    token = asked.token(incident, call)
    form = MARKS | {"words": "the hydrant was blocked", "wants": "yes"}
    answer = say(asked, token, form)
    assert answer.status_code == 200
    assert "Somebody will look into it" in answer.text
    [told] = asked.answers()
    assert (told.manner, told.speed, told.result, told.overall) == (5, 2, 3, 4)
    assert (told.incident, told.call, told.way, told.wants) == (incident, call, "link", True)
    assert told.words != "the hydrant was blocked"
    row = [r for r in asked.world.centre.hub.store.rows() if r.kind == told.tag][-1]
    assert asked.world.centre.hub.store.unseal(row.position, "words") == "the hydrant was blocked"
    assert row.actor == "the caller"
    assert say(asked, token).status_code == 404
    assert say(asked, token, form).status_code == 404
    assert len(asked.answers()) == 1


def test_looking_uses_nothing_up(asked):
    token = asked.token(*asked.over())
    for _ in range(3):
        assert say(asked, token).status_code == 200
    assert say(asked, token, MARKS).status_code == 200


def test_every_question_may_be_left_out_but_not_all_of_it(asked):
    token = asked.token(*asked.over())
    empty = say(asked, token, {"words": "  "})
    assert empty.status_code == 400
    assert "No question was answered." in empty.text
    assert not asked.answers()
    assert say(asked, token, {"speed": "4"}).status_code == 200
    [told] = asked.answers()
    assert (told.manner, told.speed, told.result, told.overall) == (0, 4, 0, 0)


def test_wrong_used_old_and_settled_tokens_give_the_same_page_and_no_hint(asked):
    pages = {}
    pages["never was"] = say(asked, "A" * 22)
    pages["no token at all"] = say(asked, "x")
    used = asked.token(*asked.over())
    say(asked, used, MARKS)
    pages["used"] = say(asked, used)
    incident, call = asked.over()
    settled = asked.token(incident, call)
    asked.world.do(b.AnswerCallBack, STAFF, incident=incident, call=call, overall=5)
    pages["answered by telephone"] = say(asked, settled)
    incident, call = asked.over()
    other = asked.token(incident, call)
    asked.token(incident, call)
    pages["replaced"] = say(asked, other)
    old = asked.token(*asked.over())
    asked.world.demo._clock.jump(asked.front.now_us() + HOUR_US)
    pages["too old"] = say(asked, old)
    assert {one.status_code for one in pages.values()} == {404}
    assert len({one.text for one in pages.values()}) == 1
    sent = say(asked, used, MARKS)
    assert (sent.status_code, sent.text) == (404, pages["used"].text)


def test_two_at_once_with_one_token_are_one_answer(asked):
    token = asked.token(*asked.over())

    async def scene(client):
        sent = (client.post(f"/say/{token}", data=MARKS, headers=OWN) for _ in range(4))
        return sorted(one.status_code for one in await asyncio.gather(*sent))

    assert asked.world.run(scene, role="") == [200, 404, 404, 404]
    assert len(asked.answers()) == 1


def test_what_could_not_be_recorded_uses_nothing_up_and_loses_no_word(asked, monkeypatch):
    token = asked.token(*asked.over())
    real = asked.front.desk.ask

    async def full(*_given):
        raise Unavailable("Not recorded. The disk is full. Try again.")

    monkeypatch.setattr(asked.front.desk, "ask", full)
    told = say(asked, token, MARKS | {"words": "what I typed"})
    assert told.status_code == 503
    assert "what I typed" in told.text
    assert re.search(r'name="speed" value="2" checked', told.text)
    monkeypatch.setattr(asked.front.desk, "ask", real)
    assert say(asked, token, MARKS).status_code == 200


@pytest.mark.parametrize(
    "form",
    [{"manner": "6"}, {"manner": "0"}, {"speed": "x"}, {"overall": "5 "}, {"words": "w" * 4_001}],
)
def test_a_form_that_is_none_is_a_400_and_uses_nothing_up(asked, form):
    token = asked.token(*asked.over())
    assert say(asked, token, form).status_code == 400
    assert say(asked, token).status_code == 200


def test_another_sites_form_is_refused(asked):
    token = asked.token(*asked.over())
    assert say(asked, token, MARKS, origin="https://elsewhere.example").status_code == 403
    assert not asked.answers()


def test_the_address_is_told_to_nobody_and_kept_nowhere(asked, caplog):
    caplog.set_level(logging.DEBUG)
    token = asked.token(*asked.over())
    page = say(asked, token)
    assert page.headers["referrer-policy"] == "strict-origin"
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script" not in page.text
    assert token not in page.text
    say(asked, token, MARKS)
    ours = [r.getMessage() for r in caplog.records if r.name.startswith("answerable")]
    assert not any(token in line for line in ours)
    hub = asked.world.centre.hub
    assert not any(token.encode() in row.body or token in row.key for row in hub.store.rows())


def test_guessing_is_slowed_down_for_an_address_and_for_a_token(asked):
    async def scene(client):
        codes = []
        for n in range(throttle.ADDRESS_BURST + 2):
            codes.append((await client.get(f"/say/{n:022d}")).status_code)
        return codes

    codes = asked.world.run(scene, role="")
    assert set(codes[: throttle.ADDRESS_BURST]) == {404}
    assert codes[-1] == 429


def test_one_caller_may_answer_after_nobody_was_reached(asked):
    incident, call = asked.over()
    asked.missed(incident, call)
    assert asked.events(b.CallBackUnreachable)
    assert say(asked, asked.token(incident, call), MARKS).status_code == 200


def test_another_language_is_one_press_away_and_needs_no_cookie(asked):
    token = asked.token(*asked.over())
    page = say(asked, token)
    assert 'href="?lang=zh-CN"' in page.text

    async def scene(client):
        answer = await client.get(f"/say/{token}?lang=zh-CN")
        return answer.text, answer.headers.get("set-cookie")

    text, cookie = asked.world.run(scene, role="")
    assert 'lang="zh-CN"' in text
    assert cookie is None


def test_every_answer_counts_in_the_figures(asked):
    incident, call = asked.over()
    say(asked, asked.token(incident, call), MARKS)
    weeks = asked.world.centre.hub.state["asked"].weeks
    [cells] = weeks.values()
    assert cells["way\tlink"][0] == 1
