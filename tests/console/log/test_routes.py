"""The addresses of the log: open to everybody, and an outsider's verifier agrees with them."""

from __future__ import annotations

import asyncio
import hashlib
import threading

import pytest

from answerable.console.app import application
from answerable.console.log import routes
from answerable.console.log.begin import usual_origin
from answerable.kernel.authority import Actor
from answerable.record.log.checkpoint import opened
from answerable.record.log.notes import Verifier
from answerable.record.log.tiles import entries_in
from answerable.record.log.tlog_proof import TlogProof
from tests.console.log.scene import Scene

ORIGIN = usual_origin("san_francisco")


def verifiers(scene: Scene) -> list[Verifier]:
    return [Verifier.parse(line) for line in scene.get("/log/keys").text.split()]


def test_the_checkpoint_is_signed_over_everything_recorded_and_may_be_fetched_by_anybody(scene):
    scene.ring(3)
    scene.look()
    answer = scene.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=1"
    told = opened(answer.content, verifiers(scene), ORIGIN).checkpoint
    assert (told.size, told.root) == scene.centre.head


def test_tiles_entries_and_proofs_fit_together(scene):
    scene.ring(300)
    scene.look()
    size = scene.recorded
    told = opened(scene.get("/log/checkpoint").content, verifiers(scene), ORIGIN).checkpoint
    leaves, entries = scene.get("/log/tile/0/000", "/log/tile/entries/000")
    for answer in (leaves, entries):
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    hashed = [hashlib.sha256(b"\0" + one).digest() for one in entries_in(entries.content)]
    assert b"".join(hashed) == leaves.content
    rest = scene.get(f"/log/tile/0/001.p/{size - 256}")
    assert len(rest.content) == 32 * (size - 256)
    assert len(scene.get("/log/tile/1/000.p/1").content) == 32
    for position in (1, 256):
        answer = scene.get(f"/log/proof/{position}")
        proof = TlogProof.parse(answer.content)
        found = proof.check(hashed[position - 1], verifiers(scene), ORIGIN)
        assert found.checkpoint == told
        assert f'filename="event-{position}.tlog-proof"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    "path",
    ["tile/0/009", "tile/0/000", "tile/8/000.p/1", "tile/entries/009", "tile/0/0", "tile/x",
     "tile/0/000.p/256", "tile/0/../0/000", "proof/0", "proof/01", "proof/9999", "proof/x",
     "proof/-1", "proof/1234567890123456789012"],
)  # fmt: skip
def test_what_is_not_there_is_a_404_with_three_sentences(scene, path):
    answer = scene.get(f"/log/{path}")
    assert answer.status_code == 404
    assert answer.json()["not_done"] in ("Not served.", "Not shown.")
    assert answer.json()["instead"]


def test_nothing_but_get_is_taken_and_nothing_is_set(scene):
    answer = scene.get("/log/checkpoint")
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_verifier_is_given_as_one_file_that_can_be_run(scene):
    answer = scene.get("/log/verify.py")
    assert answer.headers["content-type"].startswith("text/x-python")
    compile(answer.text, "verify.py", "exec")


def test_one_address_cannot_fetch_without_end(scene, monkeypatch):
    monkeypatch.setattr(routes, "BURST", 3)
    monkeypatch.setattr(routes, "PER_S", 0.01)
    scene.asgi = application(scene.app)
    answers = scene.get(*["/log/keys"] * 4)
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "console.LogTooFast"
    assert int(answers[3].headers["retry-after"]) > 0


def test_a_centre_without_a_log_says_so(scene):
    scene.front.log = None
    for path in ("/log/checkpoint", "/log/keys", "/log/tile/0/000", "/log/proof/1"):
        answer = scene.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "console.NoLog")
    assert scene.get("/log").status_code == 404


def test_what_was_altered_is_not_served_and_the_refusal_tells_nothing_of_it(scene):
    scene.ring(300)
    scene.look()
    real = scene.log.publisher._source.rows

    def altered(first, count):
        return [(row._replace(actor="somebody"), leaf) for row, leaf in real(first, count)]

    scene.log.publisher._source.rows = altered
    answer = scene.get("/log/tile/entries/000")
    assert (answer.status_code, answer.json()["code"]) == (500, "console.LogDamaged")
    assert "somebody" not in answer.text
    assert "position" not in answer.text


# -- the page --------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "said"), [("en", "The public log"), ("zh-CN", "公开日志")])
def test_the_page_says_in_plain_words_what_can_be_checked_and_how(scene, lang, said):
    scene.ring()
    scene.look()
    answer = scene.get("/log", **{"accept-language": lang})
    assert answer.status_code == 200
    assert f"<h1>{said}</h1>" in answer.text
    vkey = scene.log.publisher.keys.vkey.replace("+", "&#43;")
    assert scene.log.publisher.keys.vkey in answer.text or vkey in answer.text
    assert 'href="/log/checkpoint"' in answer.text
    assert 'href="/log/verify.py"' in answer.text
    assert "<script" not in answer.text
    assert "{" not in answer.text, "a hole was left open"


def test_the_page_names_the_keys_that_signed_before(scene):
    old = scene.log.publisher.keys.vkey
    scene.log.publisher.keys.rotated(1, "it was time")
    scene.look()
    text = scene.get("/log").text
    assert text.index("Keys that signed before") < text.rindex(old.partition("+")[2][:8])
    assert scene.get("/log/keys").text.split()[1] == old


def test_the_api_says_how_far_the_record_is_sealed(scene):
    session = scene.front.sessions.begin(Actor("lee", "dispatcher"))
    scene.ring()
    scene.look()
    found = scene.front.sessions.find(session)
    told = scene.app.api.events(found, 0, 10)
    assert told["sealed_up_to"] == told["recorded"] == scene.recorded
    assert told["witnessed_up_to"] == 0
    scene.ring()
    assert scene.app.api.events(found, 0, 10)["sealed_up_to"] == scene.recorded - 1


def test_reading_a_tile_does_not_hold_up_the_loop(scene):
    scene.ring(300)
    scene.look()

    async def both() -> bool:
        gate = threading.Event()
        blocked = asyncio.create_task(scene.log.in_thread(lambda: gate.wait(5)))
        await asyncio.sleep(0.01)
        still = not blocked.done()
        gate.set()
        await blocked
        return still

    assert asyncio.run(both())
