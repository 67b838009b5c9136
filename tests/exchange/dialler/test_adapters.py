"""The diallers themselves: a folder of requests and results, and one that is only played."""

from __future__ import annotations

import asyncio
import contextlib
import json
import stat
import threading
import typing
from pathlib import Path

import msgspec
import pytest

from answerable.exchange import spool
from answerable.exchange.dialler import files
from answerable.exchange.dialler.adapters import RULES, adapter_of, manifests
from answerable.exchange.dialler.definition import DiallerAt, beside, trouble
from answerable.exchange.dialler.files import NOBODY_WAITS, FileDialler
from answerable.exchange.dialler.protocol import Dial, NotDialled
from answerable.exchange.dialler.simulated import SimulatedDialler

DIAL = Dial(id="attempt-one", desk="Desk 2", number="+1 555 0142", rings_s=30)
EVERY_S = 0.01


def said(folder: Path, name: str, **told: str) -> None:
    """Play the telephone system: lay a result down as it does."""
    spool.lay(folder / "results", f"{name}.json", json.dumps(told).encode())


async def until(test: typing.Callable[[], object]) -> None:
    for _ in range(3_000):
        if test():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


def aside(folder: Path) -> dict[str, str]:
    """Return what was set aside with its reason."""
    found = (folder / "results" / spool.ASIDE).glob(f"*{spool.WHY}")
    return {p.name.removesuffix(spool.WHY): p.read_text().strip() for p in found}


def test_a_request_is_a_file_with_the_number_and_the_results_are_told_in_order(tmp_path):
    async def scene() -> list[str]:
        dialler, told = FileDialler(tmp_path, EVERY_S), []
        request = tmp_path / "requests" / "attempt-one.json"

        async def listen() -> None:
            async for one in dialler.dial(DIAL):
                told.append(one.state)

        listening = asyncio.create_task(listen())
        await until(request.exists)
        assert json.loads(request.read_bytes()) == {
            "id": "attempt-one", "desk": "Desk 2", "number": "+1 555 0142", "rings_s": 30,
        }  # fmt: skip
        assert stat.S_IMODE(request.stat().st_mode) == 0o600
        said(tmp_path, "r1", id="attempt-one", state="ringing")
        await until(lambda: told == ["ringing"])
        said(tmp_path, "r2", id="attempt-one", state="answered")
        await listening
        await until(lambda: not request.exists())
        await dialler.close()
        return told

    assert asyncio.run(scene()) == ["ringing", "answered"]
    assert not list((tmp_path / "results").glob("*.json"))
    assert not aside(tmp_path)


BAD = {
    "no JSON": (b"ringing", "It cannot be understood"),
    "no object": (b"[1]", "It cannot be understood"),
    "another word": (b'{"id":"attempt-one","state":"hung up"}', "It cannot be understood"),
    "a field too many": (b'{"id":"attempt-one","state":"busy","number":"1"}', "cannot be underst"),
    "no id": (b'{"state":"busy"}', "It cannot be understood"),
    "bad text": (b'{"id":"attempt-one","state":"busy","why":"\xff"}', "It cannot be understood"),
    "too deep": (b"[" * 4000, "It cannot be understood"),
    "too long": (b" " * 5000, "longer than 4096"),
    "somebody else": (b'{"id":"attempt-two","state":"busy"}', NOBODY_WAITS),
}


@pytest.mark.parametrize("sort", BAD)
def test_a_bad_result_is_set_aside_with_the_reason_and_the_next_one_counts(tmp_path, sort):
    body, why = BAD[sort]

    async def scene() -> list[str]:
        dialler = FileDialler(tmp_path, EVERY_S)
        telling = dialler.dial(DIAL)
        first = asyncio.create_task(anext(telling))
        await until((tmp_path / "results").exists)
        spool.lay(tmp_path / "results", "bad.json", body)
        await until(lambda: "bad.json" in aside(tmp_path))
        said(tmp_path, "good", id="attempt-one", state="busy")
        told = (await first).state
        await telling.aclose()
        await dialler.close()
        return [told]

    assert asyncio.run(scene()) == ["busy"]
    assert why in aside(tmp_path)["bad.json"]


def test_no_number_is_left_in_the_folder_by_an_attempt_cut_off_or_by_an_earlier_run(tmp_path):
    spool.lay(spool.folder_of(tmp_path / "requests"), "left-over.json", b'{"number":"+1 555"}')

    async def scene() -> None:
        dialler = FileDialler(tmp_path, EVERY_S)
        with contextlib.suppress(TimeoutError):
            async with contextlib.aclosing(dialler.dial(DIAL)) as telling:
                async with asyncio.timeout(0.2):
                    await anext(telling)
        await dialler.close()

    asyncio.run(scene())
    assert not list((tmp_path / "requests").iterdir())


def test_a_folder_that_cannot_be_used_fails_at_once_and_says_so(tmp_path):
    (tmp_path / "requests").write_text("in the way")

    async def scene() -> None:
        dialler = FileDialler(tmp_path, EVERY_S)
        try:
            await anext(dialler.dial(DIAL))
        finally:
            await dialler.close()

    with pytest.raises(NotDialled, match="its folder cannot be used"):
        asyncio.run(scene())


def test_a_disk_that_hangs_holds_up_nobody_on_the_loop(tmp_path, monkeypatch):
    real, turned = files.spool.lay, threading.Event()
    waited: list[bool] = []

    def slow(*given: typing.Any) -> Path:
        waited.append(turned.wait(20))
        return real(*given)

    monkeypatch.setattr(files.spool, "lay", slow)

    async def scene() -> None:
        dialler = FileDialler(tmp_path, EVERY_S)
        dialling = asyncio.ensure_future(anext(dialler.dial(DIAL)))
        for _ in range(3):
            await asyncio.sleep(0.005)
        turned.set()
        while not (tmp_path / "requests" / "attempt-one.json").exists():
            await asyncio.sleep(0.005)
        dialling.cancel()
        await asyncio.gather(dialling, return_exceptions=True)
        await dialler.close()

    asyncio.run(scene())
    assert waited == [True], "the loop itself waited for the disk"


# -- simulated -------------------------------------------------------------------------------


async def at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def played(times: int, **how: typing.Any) -> list[tuple[str, ...]]:
    dialler = SimulatedDialler(DiallerAt(kind="simulated", **how), at_once)

    async def scene() -> list[tuple[str, ...]]:
        return [tuple([t.state async for t in dialler.dial(DIAL)]) for _ in range(times)]

    return asyncio.run(scene())


def test_the_same_seed_plays_the_same_and_another_one_something_else():
    assert played(60, seed=7) == played(60, seed=7)
    assert played(60, seed=7) != played(60, seed=8)


def test_callers_answer_are_engaged_and_are_not_there_in_the_shares_that_were_set():
    outcomes = [one[-1] for one in played(4000, answers=0.6, busy=0.1)]
    assert abs(outcomes.count("answered") / 4000 - 0.6) < 0.03
    assert abs(outcomes.count("busy") / 4000 - 0.1) < 0.02
    assert set(played(300)) == {("ringing", "answered"), ("ringing", "no answer"), ("busy",)}


def test_a_dead_one_dials_nobody():
    with pytest.raises(NotDialled, match="dead"):
        played(1, dead=True)


# -- settings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "place"),
    [
        ({"kind": "file"}, "$.dialler.folder"),
        ({"kind": "simulated", "folder": "x"}, "$.dialler.folder"),
        ({"kind": "simulated", "answers": 0.9, "busy": 0.2}, "$.dialler.busy"),
    ],
)
def test_what_no_type_can_say_is_wrong_is_named_with_its_place(how, place):
    why, where = trouble(DiallerAt(**how))
    assert why
    assert where == place


def test_right_settings_make_the_adapter_and_none_makes_none(tmp_path):
    assert adapter_of(DiallerAt()) is None
    assert isinstance(adapter_of(DiallerAt(kind="simulated")), SimulatedDialler)
    at = beside(DiallerAt(kind="file", folder="dialler"), tmp_path)
    assert at.folder == str(tmp_path / "dialler")
    assert trouble(at) == ("", "")
    assert isinstance(adapter_of(at), FileDialler)


def test_every_adapter_has_a_manifest_that_answers_every_rule():
    hints = typing.get_type_hints(DiallerAt, include_extras=False)
    assert set(manifests()) == set(typing.get_args(hints["kind"])) - {""}
    for manifest in manifests().values():
        assert set(manifest.quality) == set(RULES)
        assert all(a == "done" or a.startswith("exempt: ") for a in manifest.quality.values())
        assert manifest.title["en"]
        assert manifest.title["zh"]


def test_a_request_names_no_number_where_it_is_printed():
    assert "555" not in repr(DIAL)
    assert "555" in msgspec.json.encode(DIAL).decode()
