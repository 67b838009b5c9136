"""What carries texts to callers and brings their replies: a folder, and one that is only played."""

from __future__ import annotations

import asyncio
import json
import stat
import threading
import typing
from pathlib import Path

import pytest

from answerable.exchange import spool
from answerable.exchange.hooks.post import NotTaken
from answerable.exchange.texts import adapters
from answerable.exchange.texts.adapters import (
    RULES,
    FileTexts,
    SimulatedTexts,
    adapter_of,
    manifests,
)
from answerable.exchange.texts.definition import TextsAt, beside, trouble
from answerable.exchange.texts.text import Receipt, Reply, Text

TOKEN = "T" * 22
TEXT = Text(id=TOKEN, number="+1 555 0142", words="How did we do?", lang="en")


def with_file(tmp_path: Path, scene: typing.Callable[[FileTexts], typing.Any]) -> typing.Any:
    async def whole() -> typing.Any:
        texts = FileTexts(tmp_path)
        try:
            return await scene(texts)
        finally:
            await texts.close()

    return asyncio.run(whole())


def test_a_text_is_one_whole_file_that_its_owner_alone_may_read(tmp_path):
    with_file(tmp_path, lambda texts: texts.carry(TEXT))
    [path] = (tmp_path / "out").iterdir()
    assert json.loads(path.read_bytes()) == {
        "id": TOKEN, "number": "+1 555 0142", "words": "How did we do?", "lang": "en",
    }  # fmt: skip
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TOKEN not in path.name


def test_replies_are_taken_once_and_bad_ones_are_set_aside_with_the_reason(tmp_path):
    folder = spool.folder_of(tmp_path / "replies")
    bad = {
        "a": b"no json", "b": b'{"id":"short","words":"x"}', "c": b'{"id":"' + b"T" * 22 + b'"}',
        "d": b'{"id":"%s","words":"x","from":"+1"}' % TOKEN.encode(), "e": b"x" * 5_000,
        "f": b'{"id":"%s","words":"\xff"}' % TOKEN.encode(),
    }  # fmt: skip
    for name, body in bad.items():
        spool.lay(folder, f"{name}.json", body)
    spool.lay(folder, "good.json", json.dumps({"id": TOKEN, "words": "4534"}).encode())
    assert with_file(tmp_path, lambda texts: texts.replies()) == [Reply(TOKEN, "4534")]
    assert with_file(tmp_path, lambda texts: texts.replies()) == []
    reasons = {p.name.split(".")[0]: p.read_text() for p in (folder / "aside").glob("*.why.txt")}
    assert set(reasons) == set(bad)
    assert all("cannot be understood" in why or "longer than" in why for why in reasons.values())


def test_a_folder_that_cannot_be_used_takes_nothing_and_says_so(tmp_path):
    (tmp_path / "out").write_text("in the way")
    (tmp_path / "replies").write_text("in the way")
    with pytest.raises(NotTaken, match="its folder cannot be used"):
        with_file(tmp_path, lambda texts: texts.carry(TEXT))
    with pytest.raises(NotTaken, match="its folder cannot be used"):
        with_file(tmp_path, lambda texts: texts.replies())


def test_a_gateway_that_sends_nothing_is_not_given_more_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(adapters, "WAITING_MAX", 2)

    async def scene(texts: FileTexts) -> None:
        for _ in range(3):
            await texts.carry(TEXT)

    with pytest.raises(NotTaken):
        with_file(tmp_path, scene)
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_a_disk_that_hangs_holds_up_nobody_on_the_loop(tmp_path, monkeypatch):
    turned, waited = threading.Event(), []
    monkeypatch.setattr(adapters.spool, "lay", lambda *_: waited.append(turned.wait(20)))

    async def scene(texts: FileTexts) -> None:
        carrying = asyncio.create_task(texts.carry(TEXT))
        for _ in range(20):
            await asyncio.sleep(0.001)
        turned.set()
        await carrying

    with_file(tmp_path, scene)
    assert waited == [True], "the loop itself waited for the disk"


def test_the_played_one_remembers_the_last_texts_and_gives_replies_once():
    async def scene() -> None:
        texts = SimulatedTexts(TextsAt(kind="simulated"))
        for _ in range(adapters.KEPT + 5):
            await texts.carry(TEXT)
        assert len(texts.carried) == adapters.KEPT
        texts.written_back.append(Reply(TOKEN, "5555"))
        assert await texts.replies() == [Reply(TOKEN, "5555")]
        assert await texts.replies() == []
        texts.reported.append(Receipt(TOKEN, "failed"))
        assert await texts.receipts() == [Receipt(TOKEN, "failed")]
        assert await texts.receipts() == []
        with pytest.raises(NotTaken, match="dead"):
            await SimulatedTexts(TextsAt(kind="simulated", dead=True)).carry(TEXT)

    asyncio.run(scene())


def test_nothing_of_a_text_or_reply_is_in_what_is_printed_of_it():
    assert repr(TEXT) == "Text(lang='en')"
    assert repr(Reply(TOKEN, "my name is Ann")) == "Reply()"
    assert repr(Receipt(TOKEN, "failed")) == "Receipt(failed)"


@pytest.mark.parametrize(
    ("how", "url", "place"),
    [
        ({"kind": "file"}, "https://x", "$.texts.folder"),
        ({"kind": "simulated", "folder": "x"}, "https://x", "$.texts.folder"),
        ({"kind": "file", "folder": "x"}, "", "$.public_url"),
        ({"kind": "http"}, "https://x", "$.texts.address"),
        ({"kind": "http", "address": "ftp://x/"}, "https://x", "$.texts.address"),
        ({"kind": "http", "address": "https://a:b@x/"}, "https://x", "$.texts.address"),
        ({"kind": "http", "address": "https://g/"}, "https://x", "$.texts.secret_file"),
        (
            {"kind": "http", "address": "https://g/", "secret_file": "s", "replies": "/r"},
            "https://x",
            "$.texts.replies",
        ),
        ({"kind": "http", "address": "https://g/", "secret_file": "s"}, "", "$.public_url"),
        ({"kind": "file", "folder": "x", "address": "https://g/"}, "https://x", "$.texts.address"),
        ({"secret_file": "s"}, "https://x", "$.texts.secret_file"),
    ],
)
def test_what_no_type_can_say_is_wrong_is_named_with_its_place(how, url, place):
    why, where = trouble(TextsAt(**how), url)
    assert why
    assert where == place


def test_right_settings_make_the_adapter_and_none_makes_none(tmp_path):
    assert adapter_of(TextsAt()) is None
    assert isinstance(adapter_of(TextsAt(kind="simulated")), SimulatedTexts)
    at = beside(TextsAt(kind="file", folder="texts"), tmp_path)
    assert at.folder == str(tmp_path / "texts")
    assert isinstance(adapter_of(at), FileTexts)
    assert trouble(at, "https://centre.example") == ("", "")
    http = TextsAt(kind="http", address="https://g/", replies="https://g/r", secret_file="s")
    assert trouble(http, "https://centre.example") == ("", "")
    assert beside(http, tmp_path).secret_file == str(tmp_path / "s")
    assert http.mark() != beside(at, tmp_path).mark()


def test_every_adapter_has_a_manifest_that_answers_every_rule():
    hints = typing.get_type_hints(TextsAt)
    assert set(manifests()) == set(typing.get_args(hints["kind"])) - {""}
    for manifest in manifests().values():
        assert set(manifest.quality) == set(RULES)
        assert all(a == "done" or a.startswith("exempt: ") for a in manifest.quality.values())
