"""Erasing, proved by searching bytes: in a real service, what was said is nowhere afterwards.

Before the erasure the search finds what it looks for: the key, the box and its nonce in the files,
the words on the page of whoever may read them. Afterwards it finds nothing, in no file of the data
folder, in nothing that is served, in no log; the tree is the same, and every proof still verifies.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import httpx
import pytest
from typer.testing import CliRunner

from answerable.access.keyring import KEYRING_FILE, Keyring
from answerable.console.cli import app
from answerable.console.control import Alone, reached
from answerable.record import RECORD_FILE, tree
from answerable.record.fsck import fsck
from answerable.record.keyfile import vault_of
from answerable.record.log.proofs import check_inclusion, inclusion
from answerable.record.rebuild import RoomsRebuild
from answerable.rooms import product
from tests.console.serve.scene import TOWN, bearer, serving, token

SECRETS = {
    "number": "+1-555-ZEPHYRINE-0147",
    "door": "Zephyrine's flat 47B behind the blue door",
    "words": "Zephyrine Quillfeather says her ex is outside; 她在门口 “help”",
    "report": "found Zephyrine Quillfeather in the stairwell, talked to her",
}
PLACE = {"kind": "Medical Incident", "priority": "3", "address": "Golden Gate Av",
         "lon": -122.4177, "lat": 37.7816}  # fmt: skip


def spellings(text: str) -> set[bytes]:
    """Return the ways in which a text could lie in a file."""
    raw = text.encode()
    coded = [text.encode("utf-16-le"), json.dumps(text).encode()[1:-1], quote(text).encode()]
    bases = [base64.b64encode(raw[n:])[4:-4] for n in range(3)]
    return {raw, raw.hex().encode(), *coded, *bases}


def searched(*folders: Path) -> dict[str, bytes]:
    """Return the bytes of every file below these folders."""
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def hits(files: dict[str, bytes], needles: set[bytes]) -> set[str]:
    """Return in which files any of these bytes are found."""
    assert all(len(one) >= 8 for one in needles)
    return {Path(name).name for name, data in files.items() if any(one in data for one in needles)}


class Asker:
    """A program that asks in one role."""

    def __init__(self, url: str, text: str) -> None:
        self.client = httpx.Client(base_url=url, headers=bearer(text), timeout=20)
        self.keys = 0

    def do(self, kind: str, /, **fields: object) -> dict:
        self.keys += 1
        key = f"{kind}-{self.keys:04}-{os.urandom(4).hex()}"
        answer = self.client.post("/api/commands", json={"type": kind, "key": key, **fields})
        assert answer.status_code == 201, answer.text
        told: dict = answer.json()["recorded"][0]["event"]
        return told


class Sealed(NamedTuple):
    """The bytes by which a sealed word could be had: its key, its box, its nonce."""

    keys: set[bytes]
    boxes: set[bytes]


def sealed_of(data: Path, streams: tuple[str, ...]) -> Sealed:
    """Return the keys, boxes and nonces of streams as they lie in the files."""
    record = data / RECORD_FILE
    with (
        closing(sqlite3.connect(record)) as db,
        closing(sqlite3.connect(vault_of(record))) as vault,
    ):
        marks = ",".join("?" * len(streams))
        numbers = [
            n for (n,) in db.execute(f"SELECT key FROM sealed_keys WHERE stream IN ({marks})",
                                     streams)
        ]  # fmt: skip
        find = ",".join(map(str, numbers))
        boxes = db.execute(f"SELECT nonce, box FROM sealed WHERE key IN ({find})").fetchall()
        keys = vault.execute(f"SELECT secret FROM keys WHERE number IN ({find})").fetchall()
    assert len(keys) == len(numbers) == len(streams)
    return Sealed({key for (key,) in keys}, {one for pair in boxes for one in pair})


def spoken(asker: Asker) -> tuple[str, str]:
    """Say the secrets in a call and its incident; return both numbers."""
    call = asker.do("intake.AnswerCall", number=SECRETS["number"])["call"]
    incident = asker.do("intake.OpenIncident", call=call, door=SECRETS["door"], **PLACE)["incident"]
    asker.do("intake.AddNote", incident=incident, words=SECRETS["words"])
    unit = asker.do("dispatch.PutOnDuty", unit="E03", unit_type="ENGINE", station="03")["unit"]
    asker.do("dispatch.SendUnit", incident=incident, unit=unit)
    asker.do("dispatch.Arrive", incident=incident, unit=unit)
    asker.do("dispatch.ReportBack", incident=incident, unit=unit, code="other",
             words=SECRETS["report"])  # fmt: skip
    asker.do("dispatch.ClearUnit", incident=incident, unit=unit)
    place = {name: PLACE[name] for name in ("address", "lon", "lat")}
    asker.do("intake.CorrectPlace", incident=incident, reason="the other stairs",
             door=SECRETS["door"] + " second", **place)  # fmt: skip
    return call, incident


def served(asker: Asker, incident: str) -> dict[str, bytes]:
    """Return everything the service tells about an incident, its record and its log."""
    paths = [f"/incidents/{incident}", f"/incidents/{incident}/readings", "/record", "/board",
             f"/api/incidents/{incident}", "/api/events?limit=500", "/api/board",
             "/log/checkpoint", "/log/tile/0/000.p/1", "/metrics"]  # fmt: skip
    return {path: asker.client.get(path).content for path in paths}


@pytest.fixture(scope="module")
def erased(tmp_path_factory):
    """The whole story once: said, read, asked, approved, searched; what each search found."""
    folder = tmp_path_factory.mktemp("erasing")
    data, temp = folder / "data", folder / "temp"
    temp.mkdir()
    texts = [token(data, "supervisor", name) for name in ("ada", "bo")]
    told: dict = {"folder": folder, "data": data}
    with serving(folder, TMPDIR=str(temp)) as server:
        ada, bo = (Asker(server.printed, text) for text in texts)
        told["call"], told["incident"] = call, incident = spoken(ada)
        told["other"] = spoken_other(ada)
        streams = (f"incident:{incident}", f"call:{call}")
        told["page"] = ada.client.get(f"/incidents/{incident}").text
        ada.do("dispatch.CloseIncident", incident=incident, outcome="helped")
        told["needles"] = needles = sealed_of(data, streams)
        told["before"] = searched(folder)
        told["head"] = head_of(data)
        ada.do("vault.AskErasure", incident=incident, reason="the caller asked for it")
        mine = {"type": "vault.ApproveErasure", "key": "approve-0001", "incident": incident}
        told["alone"] = ada.client.post("/api/commands", json=mine).json()
        bo.do("vault.ApproveErasure", incident=incident)
        with reached(data) as centre:
            for _ in range(100):
                told["stands"] = centre.ask({"do": "vault", "incident": incident})
                if not told["stands"]["waiting"]:
                    break
        told["running"] = searched(folder)
        told["served"] = served(ada, incident) | {"log": server.log.encode()}
        told["sound running"] = fsck(data / RECORD_FILE).damage
        told["head after"] = head_of(data, told["head"][0])
        server.end()
        told["log"] = server.log
    told["stopped"] = searched(folder)
    assert needles.keys
    return told


def spoken_other(asker: Asker) -> str:
    """Say something in another incident, which stays."""
    incident = asker.do("intake.OpenIncident", door="Penelope's", **PLACE)["incident"]
    asker.do("intake.AddNote", incident=incident, words="Penelope stays as she was")
    return str(incident)


def head_of(data: Path, size: int = 0) -> tuple[int, bytes]:
    """Return the newest tree head, or the one of a size."""
    with closing(sqlite3.connect(data / RECORD_FILE)) as db:
        found = db.execute(
            "SELECT size, root FROM heads WHERE size = ? OR ? = 0 ORDER BY size DESC LIMIT 1",
            (size, size),
        ).fetchone()
    return tuple(found)


def plain() -> set[bytes]:
    return {spelt for text in SECRETS.values() for spelt in spellings(text)}


def test_before_the_erasure_the_search_finds_key_and_box_and_the_page_has_the_words(erased):
    needles = erased["needles"]
    assert hits(erased["before"], needles.keys) == {"vault.db"}
    assert hits(erased["before"], needles.boxes) >= {"record.sqlite-wal"}
    assert len(needles.keys) == 2
    assert len(needles.boxes) == 10
    for text in ("Zephyrine Quillfeather says", "found Zephyrine Quillfeather"):
        assert text in erased["page"]


def test_the_words_themselves_never_were_in_any_file(erased):
    for when in ("before", "running", "stopped"):
        assert hits(erased[when], plain()) == set()


def test_the_search_for_the_words_can_find_them_in_any_spelling(tmp_path):
    for n, spelt in enumerate(sorted(spellings(SECRETS["words"]))):
        (tmp_path / f"planted-{n}").write_bytes(b"x" * 9 + spelt + b"y" * 9)
    assert len(hits(searched(tmp_path), plain())) == len(spellings(SECRETS["words"]))


def test_one_person_cannot_erase_alone(erased):
    assert erased["alone"]["code"] == "vault.SamePerson"


@pytest.mark.parametrize("when", ["running", "stopped"])
def test_after_the_erasure_no_file_has_the_key_the_box_or_the_nonce(erased, when):
    assert erased["stands"]["words"] == "erased"
    assert hits(erased[when], erased["needles"].keys) == set()
    assert hits(erased[when], erased["needles"].boxes) == set()


def test_the_files_that_matter_were_searched(erased):
    names = {Path(name).name for name in erased["running"]}
    assert names >= {"record.sqlite", "record.sqlite-wal", "record.sqlite-shm", "vault.db",
                     "vault.db-journal", "record.sqlite.mark", "keyring.sqlite"}  # fmt: skip
    assert any(name.startswith("log-") for name in names), "the service's own log"


def test_nothing_that_is_served_has_the_words(erased):
    assert hits(erased["served"], plain()) == set()
    assert "(erased)" in erased["served"][f"/incidents/{erased['incident']}"].decode()


def test_the_tree_is_the_same_and_the_record_is_sound(erased):
    assert erased["head after"] == erased["head"]
    assert erased["sound running"] == []
    report = fsck(erased["data"] / RECORD_FILE, rebuild=lambda: RoomsRebuild(product()))
    assert report.damage == []
    assert report.rebuilt


class Leaves:
    """The nodes of the tree over stored leaves."""

    def __init__(self, leaves: list[bytes]) -> None:
        self._leaves = leaves

    def node(self, level: int, index: int) -> bytes:
        span = self._leaves[index << level : (index + 1) << level]
        return tree.root(tree.frontier_of(span))


def test_every_proof_still_verifies(erased):
    with closing(sqlite3.connect(erased["data"] / RECORD_FILE)) as db:
        leaves = [leaf for (leaf,) in db.execute("SELECT leaf FROM events ORDER BY position")]
        size, root = db.execute(
            "SELECT size, root FROM heads ORDER BY size DESC LIMIT 1"
        ).fetchone()
    assert size == len(leaves)
    nodes = Leaves(leaves)
    for index, leaf in enumerate(leaves):
        check_inclusion(leaf, index, size, inclusion(nodes, index, size), root)


def test_what_another_incident_has_is_as_it_was(erased):
    alone = Alone(erased["data"])
    try:
        found = [
            alone._store.unseal(row.position, "words")
            for row in alone._store.stream(f"incident:{erased['other']}")
            if row.kind == "intake.NoteAdded"
        ]
    finally:
        alone.close()
    assert found == ["Penelope stays as she was"]


# -- without a service -----------------------------------------------------------------------


@pytest.fixture
def at_rest(erased, tmp_path):
    """A copy of the record at rest, with two accounts that have passwords."""
    data = Path(shutil.copytree(erased["data"], tmp_path / "data"))
    for name, password in (("ann", "correct horse battery"), ("ben", "staple paper weight")):
        opened(data, name, password)
    return data, erased["other"]


def opened(data: Path, name: str, password: str) -> None:
    """Open an account with a password."""
    alone = Alone(data)
    try:
        with_password(alone, data, name, password)
    finally:
        alone.close()


def with_password(alone: Alone, data: Path, name: str, password: str) -> None:
    from answerable.access import words as access
    from answerable.access.keys import new_word
    from answerable.console.control import OPERATOR
    from answerable.kernel.authority import SYSTEM

    hub, word = alone._hub, new_word()
    keyring = Keyring.open(data / KEYRING_FILE)
    credential = keyring.keep_password(name, password)
    keyring.close()
    until = hub.clock.now_us() + 3_600_000_000
    for actor, command in (
        (OPERATOR, access.OpenAccount(key=f"open-{name}", account=name, role="supervisor")),
        (OPERATOR, access.InviteAccount(key=f"invite-{name}", account=name, digest=word.digest,
                                        until=until)),
        (SYSTEM, access.SetPassword(key=f"set-{name}", account=name, credential=credential,
                                    invitation=word.digest)),
    ):  # fmt: skip
        outcome = hub.do(command, actor)
        assert not hasattr(outcome, "refusal"), outcome
    hub.commit()


class Ran(NamedTuple):
    """What a command of the command line came to."""

    returncode: int
    stdout: str
    stderr: str


def cli(data: Path, *words: str, typed: str = "") -> Ran:
    """Run a command in this process; ``typed`` comes through a pipe."""
    asked = [*words, "--data", str(data)]
    done = CliRunner().invoke(app, asked, input=typed, env={"COLUMNS": "200"})
    return Ran(done.exit_code, done.stdout, done.stderr)


def closed(data: Path, incident: str) -> None:
    from answerable.dispatch.words import CloseIncident
    from answerable.kernel.authority import Actor

    alone = Alone(data)
    command = CloseIncident(key="close-it", incident=incident, outcome="helped")
    alone._hub.do(command, Actor(name="ada", role="supervisor"))
    alone._hub.commit()
    alone.close()


def test_two_people_erase_a_record_at_rest_from_the_command_line(at_rest):
    data, incident = at_rest
    closed(data, incident)
    needles = sealed_of(data, (f"incident:{incident}",))
    assert hits(searched(data), needles.keys) == {"vault.db"}

    asked = cli(data, "erase", incident, "--reason", "ordered by a court", "--account", "ann",
                typed="correct horse battery\n")  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    assert "Another person approves it" in asked.stdout
    for typed, account in (("correct horse battery\n", "ann"), ("wrong\n", "ben")):
        refused = cli(data, "erase", incident, "--approve", "--account", account, typed=typed)
        assert refused.returncode == 1
        assert hits(searched(data), needles.keys) == {"vault.db"}
    done = cli(data, "erase", incident, "--approve", "--account", "ben", "--json",
               typed="staple paper weight\n")  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["words"], told["waiting"]) == ("erased", 0)
    assert hits(searched(data), needles.keys | needles.boxes) == set()
    assert fsck(data / RECORD_FILE).damage == []


def test_the_operator_counts_as_one_person(at_rest):
    data, incident = at_rest
    closed(data, incident)
    assert cli(data, "erase", incident, "--reason", "ordered").returncode == 0
    again = cli(data, "erase", incident, "--approve")
    assert (again.returncode, "You asked for it yourself." in again.stderr) == (1, True)
    denied = cli(data, "erase", incident, "--deny", "--reason", "not ordered after all")
    assert (denied.returncode, "Nothing was erased" in denied.stdout) == (0, True)


@pytest.mark.parametrize("words", [("--approve", "--deny"), (), ("--reason", " ")])
def test_a_command_that_says_too_little_is_not_begun(tmp_path, words):
    assert cli(tmp_path, "erase", "1", *words).returncode == 2


def test_what_is_due_is_listed_and_nothing_changed_until_it_is_asked_to_be_done(at_rest):
    data, incident = at_rest
    closed(data, incident)
    needles = sealed_of(data, (f"incident:{incident}",))
    assert cli(data, "retention", "--town", TOWN).stdout.strip() == "Nothing is due."
    unnamed = cli(data, "retention")
    assert (unnamed.returncode, "Name it with --town" in unnamed.stderr) == (1, True)
    ahead = cli(data, "retention", "--town", TOWN, "--on", "2099-01-01")
    assert f"erase                 {incident}" in ahead.stdout
    assert "destroy (two people)" in ahead.stdout
    assert "730 d: two years of every record" in ahead.stdout
    assert hits(searched(data), needles.keys) == {"vault.db"}
    assert cli(data, "retention", "--town", TOWN, "--on", "soon").returncode == 2
    assert cli(data, "retention", "--do", "--on", "2099-01-01").returncode == 2
    done = cli(data, "retention", "--town", TOWN, "--do")
    assert done.stdout.strip() == "0 matters were erased or archived."
