"""The operator's socket and commands: on a running centre, and on a record where none runs."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
import threading

import pytest
from typer.testing import CliRunner

from answerable.access import words as w
from answerable.access.keys import digest_of, read_token
from answerable.console.access_cli import term_s
from answerable.console.cli import app as cli
from answerable.console.control import (
    OPERATOR,
    SOCKET,
    Alone,
    NotReached,
    Running,
    first_link,
    reached,
    start_control,
)
from answerable.kernel.authority import SYSTEM
from answerable.kernel.desk import Unavailable
from answerable.record.refusals import RecordInUse
from answerable.record.sqlite import SqliteStore
from tests.console.doors import DAY_US, GOOD, Place, post

URL = "https://dispatch.example.org"


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path, SqliteStore.open(tmp_path / "record.sqlite"))
    yield made
    made.door.workers.close()
    made.centre.close()


def call(*words: str, data, ok: int = 0) -> str:
    """Give a command of the command line in this process; returns what it printed."""
    done = CliRunner().invoke(cli, [*words, "--data", str(data)])
    assert done.exit_code == ok, (done.output, done.exception)
    return done.stdout if ok == 0 else done.output


def running(place: Place, scene) -> None:
    """Play a scene beside a centre whose socket is open; the scene runs in a thread."""

    async def play() -> None:
        control = await start_control(place.front, place.folder, URL)
        try:
            await asyncio.to_thread(scene)
        finally:
            await control.close()

    asyncio.run(play())


# -- a running centre ------------------------------------------------------------------------


def test_the_socket_is_its_owners_alone_and_gone_afterwards(place):
    def scene() -> None:
        mode = (place.folder / SOCKET).stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert stat.S_IMODE(mode) == 0o600

    running(place, scene)
    assert not (place.folder / SOCKET).exists()


def test_the_operator_opens_invites_lists_and_closes_on_a_running_centre(place):
    data = place.folder

    def scene() -> None:
        call("account", "open", "boss", "--role", "administrator", data=data)
        said = call("account", "open", "ada", "--role", "dispatcher", "--area", "Mission",
                    data=data)  # fmt: skip
        assert "answerable account invite ada" in said
        link = call("account", "invite", "ada", data=data).split("\n")[0]
        assert link.startswith(f"{URL}/link/")
        account = place.door.state.accounts["ada"]
        assert (account.areas, account.invitation) == (("Mission",), digest_of(link[-64:]))
        told = json.loads(call("account", "list", "--json", data=data))["accounts"]
        assert [(a["account"], a["state"]) for a in told] == [("boss", "waiting"),
                                                              ("ada", "waiting")]  # fmt: skip
        columns = call("account", "list", data=data).splitlines()[0].split()
        assert columns == ["ada", "dispatcher", "Mission", "waiting", "0", "open"]
        call("account", "close", "ada", "--reason", "moved", data=data)
        call("account", "reopen", "ada", "--reason", "back again", data=data)

    running(place, scene)
    rows = list(place.centre.hub.store.rows(0))
    kinds = [row.kind for row in rows if row.actor == OPERATOR.name]
    assert kinds == [f"access.{k}" for k in ("AccountOpened", "AccountOpened", "AccountInvited",
                                             "AccountClosed", "AccountReopened")]  # fmt: skip


def test_the_operator_issues_lists_and_revokes_tokens_of_a_running_centre(place):
    data = place.folder

    def scene() -> None:
        told = json.loads(
            call("token", "--role", "reader", "--expires", "2w", "--label", "wall display",
                 "--name", "wall", "--json", data=data)
        )  # fmt: skip
        assert told["until_us"] == place.clock.now_us() + 14 * DAY_US
        assert place.door.bearers.find(f"Bearer {told['bearer']}").actor.name == "token/wall"
        listed = call("token", "list", data=data)
        assert "wall display" in listed
        assert told["bearer"] not in listed
        call("token", "revoke", "wall", "--reason", "lost", data=data)
        assert place.door.state.tokens["wall"].state == "revoked"
        made_up = call("token", "--role", "line", data=data).strip()
        assert read_token(made_up).text.startswith("line-")

    running(place, scene)
    assert all(e.digest in str(place.door.state.tokens) for e in place.told(w.TokenIssued))


def test_a_lost_telephone_and_a_lock_are_helped_from_the_machine(place):
    place.account("ada")
    place.factor("ada")
    for _ in range(8):
        place.do(w.MissSignIn, SYSTEM, account="ada", missed=w.Missed.CODE)

    def scene() -> None:
        call("account", "release", "ada", data=place.folder)
        call("account", "remove-second-factor", "ada", "--reason", "lost", data=place.folder)

    running(place, scene)
    account = place.door.state.accounts["ada"]
    assert (account.state, account.second) == ("ready", "")


def test_a_refusal_is_told_in_its_three_sentences_with_exit_1(place):
    def scene() -> None:
        said = call("account", "open", "ada", "--role", "king", data=place.folder, ok=1)
        assert said.startswith("Not done: account ada. The role king cannot be given to it.")
        said = call("account", "invite", "nobody", data=place.folder, ok=1)
        assert "There is no account nobody." in said

    running(place, scene)


def test_the_operator_has_only_the_commands_of_access(place):
    def scene() -> None:
        for body in (
            {"type": "intake.AnswerCall", "key": "oper-1"},
            {"type": "access.SetPassword", "key": "oper-2", "account": "ada",
             "credential": "1" * 32},
            {"type": "access.SignIn", "key": "oper-3", "account": "ada", "session": "a" * 12,
             "way": "password"},
        ):  # fmt: skip
            answer = Running(place.folder).ask({"command": body})
            assert answer["code"] == "kernel.NotAllowed", answer

    running(place, scene)


@pytest.mark.parametrize(
    "line", [b"", b"not json", b"[]", b"{}", b'{"do": "everything"}', b'{"command": {"type": 1}}',
             b"\xff\xfe", b'{"command": ' + b"[" * 3000]
)  # fmt: skip
def test_what_is_no_question_is_answered_as_one_and_the_centre_runs_on(place, line):
    def scene() -> None:
        with socket.socket(socket.AF_UNIX) as talk:
            talk.settimeout(5)
            talk.connect(str(place.folder / SOCKET))
            talk.sendall(line + b"\n")
            answer = json.loads(talk.makefile("rb").readline())
        assert answer["code"] == "console.BadCommand"
        assert answer["text"].startswith("Not read. ")
        assert Running(place.folder).ask({"do": "about"})["url"] == URL

    running(place, scene)


def test_a_line_without_end_is_cut_off(place):
    def scene() -> None:
        with socket.socket(socket.AF_UNIX) as talk:
            talk.settimeout(5)
            talk.connect(str(place.folder / SOCKET))
            try:
                talk.sendall(b"x" * 1_000_000)
                assert talk.recv(10) == b""
            except OSError:
                pass
        assert Running(place.folder).ask({"do": "about"})["url"] == URL

    running(place, scene)


def test_a_record_that_cannot_take_it_is_told(place):
    async def full(*_):
        raise Unavailable("Not recorded. The disk is full. Try again later.")

    place.centre.desk.ask = full

    def scene() -> None:
        said = call("account", "open", "ada", "--role", "dispatcher", data=place.folder, ok=1)
        assert "The disk is full." in said

    running(place, scene)


def test_a_fault_of_the_rules_is_told_without_its_words(place, monkeypatch):
    def broken(*_):
        raise RuntimeError("words of somebody")

    room = next(r for r in place.centre.hub.rooms.rooms if r.name == "access")
    monkeypatch.setitem(room.deciders.table, w.OpenAccount, broken)

    def scene() -> None:
        said = call("account", "open", "ada", "--role", "dispatcher", data=place.folder, ok=1)
        assert "The program failed while deciding" in said
        assert "words of somebody" not in said

    running(place, scene)


def test_a_folder_with_a_long_name_is_reached_too(tmp_path):
    folder = tmp_path / ("a-long-name-" * 9) / ("another-" * 9)
    folder.mkdir(parents=True)
    place = Place(folder, SqliteStore.open(folder / "record.sqlite"))
    running(place, lambda: call("account", "list", data=folder))
    place.door.workers.close()
    place.centre.close()


# -- where none runs -------------------------------------------------------------------------


def test_where_no_centre_runs_the_record_itself_is_asked(tmp_path):
    data = tmp_path / "new"
    assert call("account", "list", data=data) == "There is no account yet.\n"
    assert call("token", "list", data=data) == "There is no token yet.\n"
    call("account", "open", "boss", "--role", "administrator", data=data)
    link = call("account", "invite", "boss", "--url", URL, data=data).split("\n")[0]
    assert link.startswith(f"{URL}/link/")
    with reached(data) as centre:
        assert isinstance(centre, Alone)
        assert centre.ask({"do": "accounts"})["accounts"][0]["state"] == "waiting"
        assert centre.ask({"command": {"type": "no.Such"}})["code"] == "console.BadCommand"
    place = Place(data, SqliteStore.open(data / "record.sqlite"))

    async def scene(client):
        answer = await post(client, link.removeprefix(URL), password=GOOD, again=GOOD)
        assert answer.status_code == 303

    place.run(scene)
    place.door.workers.close()
    place.centre.close()


def test_what_the_keyring_lacks_is_said_in_the_list(tmp_path):
    place = Place(tmp_path, SqliteStore.open(tmp_path / "record.sqlite"))
    place.account("ada")
    place.door.workers.close()
    place.centre.close()
    (tmp_path / "keyring.sqlite").unlink()
    assert "the keyring lacks its password" in call("account", "list", data=tmp_path)


def test_a_record_that_another_process_has_is_refused_with_exit_2(place):
    with pytest.raises(RecordInUse), reached(place.folder):
        pass
    said = call("account", "list", data=place.folder, ok=2)
    assert f"process {os.getpid()}" in said


def test_a_socket_that_a_crash_left_is_passed_over_and_replaced(place):
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(place.folder / SOCKET))
    left.close()
    with pytest.raises(RecordInUse), reached(place.folder):
        pass
    running(place, lambda: call("account", "list", data=place.folder))


def test_a_centre_that_does_not_answer_is_told(tmp_path):
    deaf = socket.socket(socket.AF_UNIX)
    deaf.bind(str(tmp_path / SOCKET))
    deaf.listen(5)

    def hang_up(times: int) -> None:
        for _ in range(times):
            deaf.accept()[0].close()

    threading.Thread(target=hang_up, args=(2,), daemon=True).start()
    with pytest.raises(NotReached, match="did not answer"), reached(tmp_path) as centre:
        centre.ask({"do": "about"})
    deaf.close()


def test_a_socket_one_may_not_use_is_told(tmp_path):
    (tmp_path / SOCKET).write_text("no socket at all")
    if os.geteuid() == 0:
        said = call("account", "list", data=tmp_path)
        assert said
        return
    said = call("account", "list", data=tmp_path, ok=2)
    assert "Give the command as that user." in said


def test_the_command_is_one_of_the_product(tmp_path):
    """Once as a process of its own, as people give it."""
    code = "import sys; from answerable.console.cli import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code, "token", "--role", "probe", "--data", str(tmp_path / "d")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert read_token(done.stdout.strip()) is not None
    assert "is not shown again" in done.stderr


@pytest.mark.parametrize(
    ("text", "seconds"), [("90d", 7_776_000), ("12h", 43_200), (" 2w ", 1_209_600)]
)
def test_a_term_is_a_number_of_hours_days_or_weeks(text, seconds):
    assert term_s(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "d", "-1d", "0d", "1y", "1d2h"])
def test_another_term_is_refused(tmp_path, text):
    done = CliRunner().invoke(cli, ["token", "--role", "reader", "--expires", text, "--data",
                                    str(tmp_path)])  # fmt: skip
    assert done.exit_code == 2
    assert "is no term" in done.output


@pytest.mark.parametrize("name", ["x", "Ada", "a b", "a/b", "ada" * 17])
def test_a_name_that_cannot_be_one_is_refused_in_words(tmp_path, name):
    for words in (("account", "open", name, "--role", "crew"),
                  ("token", "--role", "reader", "--name", name)):  # fmt: skip
        said = " ".join(call(*words, data=tmp_path, ok=2).replace("│", " ").split())
        assert "cannot be a name" in said


def test_a_token_without_a_role_is_not_issued(tmp_path):
    assert "Add --role R." in call("token", data=tmp_path, ok=2)


# -- the first administrator -----------------------------------------------------------------


def test_a_new_centre_gives_one_link_until_somebody_used_it(place):
    link = first_link(place.front, URL + "/")
    again = first_link(place.front, URL)
    assert link is not None
    assert again is not None
    assert again.startswith(f"{URL}/link/")
    assert link != again

    async def scene(client):
        assert (await client.get(link.removeprefix(URL))).status_code == 404, "it was replaced"
        answer = await post(client, again.removeprefix(URL), password=GOOD, again=GOOD)
        assert answer.status_code == 303
        assert (await client.get("/admin/accounts")).status_code == 200

    place.run(scene)
    assert first_link(place.front, URL) is None
    assert [a.account for a in place.door.state.accounts.values()] == ["administrator"]


def test_a_name_that_is_taken_is_left_alone(place):
    place.account("administrator", "dispatcher")
    assert first_link(place.front, URL) is not None
    roles = {a.account: a.role for a in place.door.state.accounts.values()}
    assert roles == {"administrator": "dispatcher", "administrator-2": "administrator"}
