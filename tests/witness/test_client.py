"""Asking a witness: what each answer means, and that no answer takes longer than it may."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time

import pytest

from answerable.record.log import notes
from answerable.witness import refusals as r
from answerable.witness.client import Witness
from tests.exchange.hooks.receivers import Receiver, drips, floods, hangs, nowhere, says
from tests.witness.growing import COSIGNER, Growing

LOG = Growing()
NOTE = LOG.note(20)
LINE = COSIGNER.cosignature(notes.parse(NOTE).text, 1_700_000_000).line
OTHER = (
    notes.Cosigner(COSIGNER.verifier.name, bytes(32)).cosignature(notes.parse(NOTE).text, 1).line
)


def asked(url: str, old: int = 7, timeout_s: float = 5.0) -> bytes:
    async def ask() -> bytes:
        witness = Witness(COSIGNER.verifier, url, timeout_s)
        try:
            return await witness.cosign(NOTE, old, LOG.proof(old, 20))
        finally:
            await witness.close()

    return asyncio.run(ask())


def answering(status: str, body: bytes = b"", *headers: str):
    return says(status, *headers, body=body)


@pytest.mark.parametrize(
    ("way", "refusal", "words"),
    [
        (answering("404 N"), r.UnknownLog, "does not know this log"),
        (answering("403 N"), r.NotTrusted, "not the key that signs it now"),
        (answering("422 N"), r.Disagrees, "another history"),
        (answering("409 N", b"7\n", "content-type: text/x.tlog.size"), r.Disagrees, "another"),
        (answering("409 N", b"9\n", "content-type: text/x.tlog.size"), r.KnowsAnother, "9 entries"),
        (answering("409 N", b"x\n", "content-type: text/x.tlog.size"), r.Disagrees, "another"),
        (answering("500 N"), r.NotReached, "it answered 500"),
        (answering("301 N", b"", "location: http://127.0.0.1:9/"), r.NotReached, "answered 301"),
        (answering("200 OK", b"hello\n"), r.NotReached, "no signature of its key"),
        (answering("200 OK", OTHER), r.NotReached, "no signature of its key"),
        (floods, r.NotReached, "not reached"),
    ],
)
def test_every_answer_has_its_meaning(way, refusal, words):
    with Receiver(way) as receiver, pytest.raises(refusal, match=words) as told:
        asked(receiver.url)
    assert str(told.value).startswith("Not cosigned. ")


def test_what_it_cosigned_last_is_told():
    body = answering("409 N", b"9\n", "content-type: text/x.tlog.size")
    with Receiver(body) as receiver, pytest.raises(r.KnowsAnother) as told:
        asked(receiver.url)
    assert told.value.size == 9


def test_its_own_line_is_taken_out_of_others():
    with Receiver(answering("200 OK", OTHER + b"rubbish\n" + LINE)) as receiver:
        assert asked(receiver.url) == LINE


@pytest.mark.parametrize("way", [hangs, drips])
def test_a_witness_that_hangs_is_given_up_in_time(way):
    with Receiver(way) as receiver:
        begun_s = time.monotonic()
        with pytest.raises(r.NotReached, match="no answer came within"):
            asked(receiver.url, timeout_s=0.3)
        assert time.monotonic() - begun_s < 2
    with contextlib.suppress(ValueError), pytest.raises(r.NotReached):
        asked(nowhere())
    assert threading.active_count() < 50
