"""The adapters themselves: files, gateways on real sockets, a pager that is only played."""

from __future__ import annotations

import asyncio
import json
import os
import typing

import msgspec
import pytest

from answerable.client import check_letter
from answerable.exchange.channels.adapters import adapter_of
from answerable.exchange.channels.definition import Alerts, ChannelAt, beside, trouble
from answerable.exchange.channels.manifest import RULES, manifests
from answerable.exchange.channels.page import Page
from answerable.exchange.hooks import post
from answerable.exchange.hooks.addresses import Resolver, networks
from answerable.exchange.hooks.letters import new_secret
from answerable.exchange.hooks.post import NotTaken
from tests.exchange.hooks.receivers import Receiver, good, hangs, nowhere, says

PAGE = Page(
    sort="sent", id="pager-7", position=7, incident="200930001", unit="E03", kind="Medical",
    priority="3", address="1 Main St", text="E03: go", happened_at=5, opened_at=4, channel="pager",
)  # fmt: skip
INSIDE = networks(["127.0.0.0/8"])


def carry(channel: ChannelAt, *pages: Page, inside=INSIDE) -> list[bool]:
    async def whole() -> list[bool]:
        resolver = Resolver()
        adapter = adapter_of(channel, resolver, inside)
        try:
            return [await adapter.carry(page) for page in pages or (PAGE,)]
        finally:
            await adapter.close()
            resolver.close()

    return asyncio.run(whole())


def http(url: str, **more) -> ChannelAt:
    return ChannelAt(name="pager", kind="http", address=url, **more)


def test_a_gateway_gets_the_alert_as_json_and_its_answer_is_the_receipt():
    with Receiver(good) as receiver:
        assert carry(http(receiver.url)) == [True]
        [(headers, body)] = receiver.letters
    assert headers["webhook-id"] == "pager-7"
    told = json.loads(body)
    assert (told["unit"], told["incident"], told["text"]) == ("E03", "200930001", "E03: go")


def test_a_gateway_that_accepts_for_later_gives_no_receipt_yet():
    with Receiver(says("202 Accepted")) as receiver:
        assert carry(http(receiver.url)) == [False]


def test_an_alert_is_signed_where_a_secret_is_named(tmp_path):
    secret = new_secret()
    (tmp_path / "pager.secret").write_text(secret + "\n")
    with Receiver(good) as receiver:
        carry(http(receiver.url, secret_file=str(tmp_path / "pager.secret")))
        [(headers, body)] = receiver.letters
    check_letter(secret, headers, body)
    with pytest.raises(NotTaken, match="its secret cannot be used"):
        carry(http("http://127.0.0.1:9/", secret_file=str(tmp_path / "nothing")))


@pytest.mark.parametrize("answer", ["500 Oh", "301 Moved", "404 Not Found", "401 No"])
def test_a_gateway_that_refuses_has_not_taken_it(answer):
    with Receiver(says(answer)) as receiver, pytest.raises(NotTaken, match=answer[:3]):
        carry(http(receiver.url))


def test_a_dead_gateway_and_one_inside_the_network_are_told_apart():
    with pytest.raises(NotTaken, match="nothing answers"):
        carry(http(nowhere()))
    with Receiver(good) as receiver, pytest.raises(NotTaken, match="inside the network"):
        carry(http(receiver.url), inside=())


def test_a_gateway_that_hangs_is_cut_off(monkeypatch):
    monkeypatch.setattr(post, "TIMEOUT_S", 0.2)
    with Receiver(hangs) as receiver, pytest.raises(NotTaken, match="no answer came"):
        carry(http(receiver.url))


def test_a_file_gets_one_line_an_alert(tmp_path):
    channel = ChannelAt(name="book", kind="file", address=str(tmp_path / "alerts.jsonl"))
    second = msgspec.structs.replace(PAGE, unit="T03")
    assert carry(channel, PAGE, second) == [True, True]
    lines = (tmp_path / "alerts.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["unit"] for line in lines] == ["E03", "T03"]


def test_a_file_that_cannot_be_written_is_no_receipt(tmp_path):
    with pytest.raises(NotTaken, match="cannot be written"):
        carry(ChannelAt(name="book", kind="file", address=str(tmp_path / "no" / "where")))


def test_a_file_that_hangs_holds_up_nobody_else(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # opening it waits until somebody reads
    channel = ChannelAt(name="book", kind="file", address=str(pipe))

    async def whole() -> int:
        turns = 0
        adapter = adapter_of(channel, Resolver(), ())
        task = asyncio.create_task(adapter.carry(PAGE))
        for _ in range(20):
            await asyncio.sleep(0.005)
            turns += 1
        assert not task.done()
        task.cancel()
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # lets the thread go
        await adapter.close()
        await asyncio.sleep(0.05)
        os.close(reader)
        return turns

    assert asyncio.run(whole()) == 20


def test_a_simulated_pager_is_dead_or_loses_receipts_as_told():
    dead = ChannelAt(name="p", kind="simulated", dead=True)
    with pytest.raises(NotTaken, match="dead"):
        carry(dead)
    assert carry(ChannelAt(name="p", kind="simulated", loss=1.0)) == [False]
    assert carry(ChannelAt(name="p", kind="simulated", delay_s=0.01)) == [True]


# -- settings and manifests --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channels", "alerts", "why"),
    [
        ([ChannelAt(name="a", kind="simulated")] * 2, Alerts(), "named twice"),
        ([ChannelAt(name="a", kind="http")], Alerts(), "needs an address of http"),
        ([ChannelAt(name="a", kind="file")], Alerts(), "needs the file"),
        ([], Alerts(order=("a",)), "There is no channel a"),
        ([ChannelAt(name="a", kind="simulated")], Alerts(units={"E1": ("b",)}), "no channel b"),
        ([ChannelAt(name="a", kind="simulated")], Alerts(order=("a", "a")), "stands twice"),
        ([ChannelAt(name=f"a{n}", kind="simulated") for n in range(33)], Alerts(), "more than"),
    ],
)
def test_settings_that_cannot_work_are_refused_with_their_place(channels, alerts, why):
    found, place = trouble(channels, alerts)
    assert why in found
    assert place.startswith("$.")


def test_files_of_a_channel_are_relative_to_the_settings(tmp_path):
    channel = ChannelAt(name="a", kind="file", address="alerts.jsonl", secret_file="s")
    assert beside(channel, tmp_path).address == str(tmp_path / "alerts.jsonl")
    assert beside(channel, tmp_path).secret_file == str(tmp_path / "s")
    assert beside(http("http://x/"), tmp_path).address == "http://x/"


def test_every_adapter_has_a_manifest_and_answers_every_rule():
    hints = typing.get_type_hints(ChannelAt, include_extras=True)
    assert set(manifests()) == set(typing.get_args(hints["kind"]))
    for kind, manifest in manifests().items():
        assert set(manifest.quality) == set(RULES), kind
        for rule, answer in manifest.quality.items():
            assert answer == "done" or answer.startswith("exempt: "), (kind, rule)
        assert {"en", "zh"} <= set(manifest.title)
