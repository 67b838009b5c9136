"""Dead letters as an administrator sees them: on the page, in health, in the metrics, by act."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from answerable.access import words as access
from answerable.console.contract import letters
from answerable.console.contract.hooks import book_path, check
from answerable.console.language import language
from answerable.console.sanity import Refused
from answerable.exchange.hooks import courier
from answerable.exchange.hooks.addresses import networks
from answerable.exchange.hooks.book import BOOK_FILE
from answerable.kernel.refusals import Unknown, WrongStep
from tests.console.conftest import read_once  # noqa: F401 - the town is read once here too
from tests.console.contract.served import (
    ADMINISTRATOR,
    Served,
    make_world_on_disk,
    serving,
)
from tests.console.test_pages import token_in
from tests.exchange.hooks.receivers import Receiver, says
from tests.promises.test_b9_a_slow_receiver_delays_nothing import register, until

SAME = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def served(tmp_path, monkeypatch) -> Iterator[Served]:
    monkeypatch.setattr(courier, "TRIES_MAX", 1)
    with serving(tmp_path, make_world_on_disk) as there:
        there.world.app.front.hooks.inside = networks(["127.0.0.0/8"])
        yield there


def dead_of(served: Served, hook: str = "stats") -> list:
    return served.call(served.world.app.front.hooks.dead, hook)


def given_up(served: Served, receiver: Receiver, letters_: int = 2) -> str:
    """Register a hook whose letters are given up, one an incident."""
    secret = register(served, "stats", receiver.url, kinds=("intake.IncidentOpened",))
    for count in range(1, letters_ + 1):
        served.call(served.world.incident)
        until(lambda wanted=count: len(dead_of(served)) == wanted)
    return secret


def test_an_administrator_sees_them_tries_one_again_and_drops_the_other(served):
    refusing = says("500 Oh")
    with Receiver(lambda *args: refusing(*args)) as receiver:
        secret = given_up(served, receiver)
        first, second = dead_of(served)
        with served.client("administrator") as client:
            page = client.get("/admin/adapters").text
            assert "it answered 500" in page
            assert f"{first.first}–{first.last}" in page
            zh = client.get("/admin/adapters", headers={"accept-language": "zh"}).text
            assert "对方应答 500" in zh
            refusing = says("200 OK")
            form = {"token": token_in(page), "key": "", "hook": "stats"}
            retry = form | {"type": "access.RetryLetters", "letters": str(first.first)}
            assert client.post("/admin/adapters/do", data=retry, headers=SAME).status_code == 303
            until(lambda: [one.first for one in dead_of(served)] == [second.first])
            drop = form | {"type": "access.DropLetters", "letters": str(second.first)}
            refused = client.post("/admin/adapters/do", data=drop, headers=SAME)
            assert refused.status_code == 400, "it needs a reason"
            told = drop | {"reason": "the month is over"}
            assert client.post("/admin/adapters/do", data=told, headers=SAME).status_code == 303
            assert dead_of(served) == []
            assert "No letter was given up." in client.get("/admin/adapters").text
            nonsense = client.post(
                "/admin/adapters/do", data=retry | {"letters": "all"}, headers=SAME
            )
            assert nonsense.status_code == 400
            assert "all is no letter" in nonsense.text
        events = served.call(lambda: list(served.world.centre.store.stream("hook:stats")))
        assert [row.kind for row in events][1:] == [
            "access.LettersRetried",
            "access.LettersDropped",
        ]
        told_ = [e["position"] for e in receiver.events(secret)]
        assert told_.count(first.last) >= 1


def test_health_and_metrics_say_how_they_stand(served):
    front = served.world.app.front
    with Receiver(says("404 No")) as receiver:
        assert served.call(check, front.hooks).said()[0] == "0 hooks are told of events."
        given_up(served, receiver)
        assert served.call(check, front.hooks).said()[0] == "2 letters to hooks were given up."
        assert served.call(front.gauges["hooks_dead"][1]) == 2
        assert served.call(front.gauges["hooks_waiting"][1]) == 0
        served.call(served.world.do, access.DropLetters, ADMINISTRATOR, hook="stats", reason="no")
        assert served.call(check, front.hooks).said()[0] == "Not reached: stats."
    for one in front.checks:
        assert served.call(one).found in ("well", "watch")


def test_a_book_that_cannot_be_used_is_told_and_the_centre_runs(tmp_path, caplog):
    (tmp_path / BOOK_FILE).write_bytes(b"no book at all, but long enough to look like one" * 99)
    with serving(tmp_path, make_world_on_disk) as there:
        hooks = there.world.app.front.hooks
        assert "Move it away" in hooks.trouble
        assert there.call(check, hooks).said()[1].startswith(f"Move {BOOK_FILE} away")
        there.call(there.world.incident)
        with there.client() as client:
            assert client.get("/api/board").status_code == 200
    assert "cannot be used" in caplog.text


def test_the_book_lies_beside_the_record_or_in_memory_with_it(served, world_in_memory):
    path = book_path(served.world.app.front)
    assert path.name == BOOK_FILE
    assert path.exists()
    assert book_path(world_in_memory) is None


@pytest.fixture
def world_in_memory():
    class Hub:
        store = object()

    class Front:
        hub = Hub()

    return Front()


def test_every_reason_the_couriers_give_is_said_in_both_languages(served):
    for template in letters.WHYS:
        head, _, rest = template.partition("{")
        why = head + ("10.0.0.1" + rest.partition("}")[2] if rest else "")
        for tag in ("en", "zh-CN"):
            said = letters.said(why, served.world.app.front.phrases(tag))
            assert (said == why) == (tag == "en"), template
    assert letters.said("something new", served.world.app.front.phrases("zh-CN")) == "something new"


def test_a_form_must_name_letters_by_their_positions():
    assert letters.named("12 34") == [12, 34]
    for text in ("", "all", "1 x", "9" * 30):
        with pytest.raises(Refused, match="is no letter"):
            letters.named(text)


def test_acts_about_letters_of_a_hook_that_is_not_told_are_refused(world_hub):
    for command in (letters.retry("none"), letters.drop("none", "over")):
        assert isinstance(world_hub(command), Unknown)
    for command in (letters.retry("gone", [3]), letters.drop("gone", "over", [3])):
        assert isinstance(world_hub(command), WrongStep)


@pytest.fixture
def world_hub(served):
    with Receiver(says("200 OK")) as receiver:
        register(served, "gone", receiver.url)
    do = served.world.do
    served.call(do, access.RemoveHook, ADMINISTRATOR, hook="gone", reason="over")
    hub = served.world.centre.hub
    return lambda command: served.call(hub.do, command, ADMINISTRATOR).refusal


def test_an_act_of_the_page_waits_for_its_confirmation_in_both_languages(served):
    for tag in ("en", "zh-CN"):
        lang = language(tag)
        for ask in (letters.retrying(lang, "stats", 4), letters.dropping(lang, "stats")):
            assert ask.effect
            assert ask.fixed["hook"] == "stats"
