"""The log: one form, nothing that was said, nothing secret, and nobody waits for it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from answerable.console.control import link_path
from answerable.console.serve import logs
from answerable.console.serve.logs import Lines, formatter, quiet_loop, set_up
from answerable.console.serve.settings import Log
from answerable.record import RECORD_FILE
from answerable.record.sqlite import SqliteStore
from answerable.rooms import product
from tests.console.serve.scene import SCRIPT, bearer, serving, token

MARKED = {
    "number": "+14155550199", "note": "Xylophon-Notiz", "door": "Apt-Zwetschge-7",
    "password": "Pfefferminz-Passwort-9", "path": "geheime-adresse-im-pfad",
    "query": "geheime-frage", "cookie": "geheimer-keks-0123456789", "fault": "geheimer-fehler",
    "header": "geheimer-kopf", "log": "geheime-ausnahme",
}  # fmt: skip
"""What a person, a browser or a program may give us and no line may hold."""

FAULTY = (
    """
import asyncio, logging, threading
from answerable.console.api import Api
from answerable.console.contract import routes

def fail(*_args, **_named):
    logging.getLogger("uvicorn.error").error("Exception", exc_info=KeyError("FAULT"))
    asyncio.get_running_loop().create_task(failing())
    threading.Thread(target=lambda: {}["FAULT"]).start()
    raise KeyError("FAULT")

async def failing():
    raise KeyError("FAULT")

Api.board = fail
""".replace("FAULT", MARKED["fault"])
    + SCRIPT
)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Leave the loggers of the test run as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = (logs.sys.excepthook, threading.excepthook)
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    yield
    for handler in root.handlers[:]:
        if isinstance(handler, Lines):
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logs.sys.excepthook, threading.excepthook = hooks
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)
    logging.captureWarnings(False)


def written(form: str, say) -> str:
    """Return what is written when something is said to the log."""
    stream = io.StringIO()
    lines = set_up(Log(format=form), stream)
    say()
    lines.close()
    return stream.getvalue()


def test_json_is_one_object_a_line_with_the_facts_that_may_be_told(quiet):
    def say() -> None:
        facts = {"status": 401, "route": "/enter", "number": MARKED["number"]}
        logging.getLogger("answerable.requests").warning("request\nrefused", extra=facts)

    (line,) = written("json", say).splitlines()
    told = json.loads(line)
    assert told["event"] == "request\nrefused"
    assert (told["level"], told["status"], told["route"]) == ("warning", 401, "/enter")
    assert told["timestamp"].endswith("Z")
    assert "number" not in told, "only what is on the list may be told"


def test_plain_is_one_line_for_people_and_nobody_can_break_it(quiet):
    text = written("plain", lambda: logging.getLogger("a").warning("x\n2026 [info] forged"))
    assert len(text.splitlines()) == 1
    assert "[warning" in text


@pytest.mark.parametrize("form", ["plain", "json"])
def test_an_error_is_told_by_its_kind_and_place_only(form, quiet):
    def say() -> None:
        try:
            raise KeyError(MARKED["fault"])
        except KeyError:
            logging.getLogger("a").exception("it failed")

    text = written(form, say)
    assert MARKED["fault"] not in text
    assert "KeyError in test_logs.py" in text


def test_a_task_that_fails_is_told_by_its_kind_and_place_only(quiet):
    async def scene() -> None:
        quiet_loop()

        async def fail() -> None:
            raise KeyError(MARKED["fault"])

        task = asyncio.create_task(fail())
        await asyncio.sleep(0.01)
        del task
        await asyncio.sleep(0.01)

    text = written("plain", lambda: asyncio.run(scene()))
    assert "fault in a task: KeyError" in text
    assert MARKED["fault"] not in text


def test_nobody_waits_for_a_collector_that_does_not_read(quiet, monkeypatch):
    monkeypatch.setattr(logs, "LINES_MAX", 5)
    reads = threading.Event()

    class Stuck(io.StringIO):
        def write(self, text: str) -> int:
            reads.wait(20)
            return super().write(text)

    lines = Lines(Stuck())
    lines.setFormatter(formatter("plain"))
    for nth in range(50):
        lines.handle(logging.LogRecord("a", logging.INFO, "", 1, f"line {nth}", None, None))
    assert lines.lost >= 44
    reads.set()
    lines.close()


# -- a real server with marked secrets -------------------------------------------------------


def note(key: str) -> dict[str, object]:
    return {"type": "intake.AddNote", "key": key, "incident": "1", "words": MARKED["note"]}


def commands() -> Iterator[dict[str, object]]:
    yield {"type": "intake.RingCall", "key": "ring-0001", "call": "c1", "line": "1",
           "number": MARKED["number"]}  # fmt: skip
    yield {"type": "intake.AnswerCall", "key": "answer-001", "call": "c1"}
    yield {"type": "intake.OpenIncident", "key": "open-0001", "call": "c1", "incident": "1",
           "kind": "Medical Incident", "priority": "3", "address": "MARKET ST/5TH ST",
           "lon": -122.4075, "lat": 37.7839, "door": MARKED["door"]}  # fmt: skip
    yield note("note-0001")
    yield note("note-0001") | {"words": MARKED["note"] + "!"}  # the same key for another thing
    yield note("note-0002") | {"incident": MARKED["note"]}  # no such incident
    yield note("note-0003") | {"words": [MARKED["note"]]}  # not readable
    yield note("note-0004") | {MARKED["note"]: 1}


def drive(url: str, tokens: dict[str, str]) -> list[int]:
    """Do what people, programs and attackers do, marked secrets in all of it."""
    statuses = []
    with httpx.Client(base_url=url, follow_redirects=False, timeout=20) as asker:
        for role, text in tokens.items():
            for command in commands():
                answer = asker.post("/api/commands", json=command, headers=bearer(text))
                statuses.append(answer.status_code)
                statuses.append(asker.get("/api/board", headers=bearer(text)).status_code)
            asker.get(f"/{role}/{MARKED['path']}?q={MARKED['query']}", headers=bearer(text))
        secret = {"authorization": f"Bearer {MARKED['header']}"}
        wrong = {"username": "administrator", "account": "administrator", "name": "administrator",
                 "password": MARKED["password"]}  # fmt: skip
        for path in ("/sign-in", "/session", link_path(MARKED["path"]), "/enter"):
            statuses.append(asker.post(path, data=wrong).status_code)
            statuses.append(asker.get(path, params={"back": MARKED["query"]}).status_code)
        asker.get("/api/board", headers=secret)
        asker.get("/board", headers={"cookie": f"answerable={MARKED['cookie']}"})
        asker.get("/board", headers={"host": MARKED["header"] + ".example"})
        asker.post("/api/commands", content=MARKED["note"], headers=secret)
    return statuses


def unsealed(data: Path) -> set[str]:
    """Return every sealed word of a record nobody has open."""
    rooms, store = product(), SqliteStore.open(data / RECORD_FILE)
    try:
        return {
            word
            for row in store.rows()
            for field in rooms.forms[rooms.events[row.kind]].sealed
            if (word := store.unseal(row.position, field))
        }
    finally:
        store.close()


def test_no_line_of_a_real_server_holds_what_was_said_or_what_is_secret(tmp_path):
    data = tmp_path / "data"
    tokens = {role: token(data, role) for role in ("call_taker", "dispatcher")}
    with serving(tmp_path, script=FAULTY) as server:
        statuses = drive(server.printed, tokens)
        link = next(line.split()[-1] for line in server.said if "/link/" in line)
        page = httpx.get(link)
        assert page.status_code in (200, 303)
        assert server.end() == 0
    assert {201, 400, 409, 500} <= set(statuses), "the scene does not reach what it is about"
    log = server.log_path.read_bytes()
    secret = [*MARKED.values(), *tokens.values(), *(t.split("_")[-1] for t in tokens.values()),
              link, link.rsplit("/", 1)[1]]  # fmt: skip
    assert [word for word in secret if word.encode() in log] == []
    assert log.count(b"KeyError") >= 3, "faults are told, by kind and place"
    assert b"access.TokenIssued" not in log, "that happened before"
    assert b"request refused" in log
    assert b"access." in log
    kept = b"".join(path.read_bytes() for path in data.iterdir() if path.is_file())
    words = {n: MARKED[n] for n in ("number", "note", "door")}
    assert [n for n, word in words.items() if word.encode() in kept] == [], "nor does any file"
    assert set(words.values()) <= unsealed(data), "the scene does not say what it is about"
