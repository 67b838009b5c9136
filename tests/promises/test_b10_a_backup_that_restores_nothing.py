"""B10: a backup that restores nothing is reported at once; none is reachable without permission.

TicketsCAD's backup writes a dump that its own restore cannot read, says nothing, and leaves it in a
folder that the web server hands to whoever asks.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

import answerable
from answerable.console.control import SOCKET, reached
from answerable.record import RECORD_FILE
from answerable.record.fsck import fsck
from answerable.towns.load import town_folder
from tests.console.serve.scene import Server, bearer, token

CLI = [sys.executable, "-m", "answerable.console.cli"]
HOLLOW = """
from answerable.console.cli import main
from answerable.record.backup import taking
tables_of = taking.tables_of
taking.tables_of = lambda db: [one for one in tables_of(db) if one.name != "{table}"]
main()
"""
"""The program with a planted fault: it silently leaves a table out."""
BLIND = """
from answerable.record.backup import putting, run
putting.Putting.compare = lambda self, blocks: None
putting.Putting._end = lambda self, counts, digests: self._close_file()
run._compare = lambda back, taken: None
"""


def run(*words: str, script: str = "", cwd: Path) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, "-c", script] if script else CLI
    return subprocess.run(
        [*start, *words], cwd=cwd, text=True, capture_output=True, timeout=120, check=False
    )


class There(NamedTuple):
    """A real centre that runs, its folder, the public half of a key, and tokens by role."""

    url: str
    folder: Path
    recipient: str
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """Serve one centre for all of this."""
    folder = tmp_path_factory.mktemp("served")
    key = run("backup", "key", "backup.key", cwd=folder)
    tokens = {role: token(folder / "data", role) for role in ("probe", "dispatcher")}
    server = Server(folder, "--town", "liechtenstein", "--data", str(folder / "data"))
    try:
        assert server.printed
        while not (folder / "data" / SOCKET).exists():
            time.sleep(0.05)
        yield There(server.printed, folder, key.stdout.strip(), tokens)
        assert server.end() == 0
    finally:
        server.process.kill()
        server.process.wait(10)


def back_up(there: There, *more: str, script: str = ""):
    return run(
        "backup", "--to", "backups", "--recipient", there.recipient, "--data", "data", "--json",
        *more, script=script, cwd=there.folder,
    )  # fmt: skip


def asked(there: There, path: str, role: str = "probe") -> httpx.Response:
    return httpx.get(f"{there.url}/{path}", headers=bearer(there.tokens[role]))


def health(there: There) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in asked(there, "health/ready").json()["checks"]}


def metric(there: There, name: str) -> float:
    lines = asked(there, "metrics").text.splitlines()
    return float(next(one for one in lines if one.startswith(f"answerable_{name} ")).split()[1])


def test_b10_a_backup_that_would_lose_a_table_is_reported_at_once(there):
    good = back_up(there)
    assert good.returncode == 0, good.stderr
    assert metric(there, "keeping_alarms") == 0
    before = sorted(path.name for path in (there.folder / "backups").iterdir())
    for table in ("heads", "events"):
        bad = back_up(there, script=HOLLOW.format(table=table))
        assert bad.returncode == 1
        assert "would have restored nothing" in bad.stderr
        assert json.loads(bad.stdout)["recorded"] is True
        assert sorted(path.name for path in (there.folder / "backups").iterdir()) == before
        told = health(there)["backups"]
        assert told["found"] == "watch"
        assert table in told["means"]
    assert metric(there, "keeping_alarms") == 1
    again = back_up(there)
    assert again.returncode == 0, again.stderr
    assert metric(there, "keeping_alarms") == 0


def test_b10_what_the_backup_says_it_holds_is_what_comes_back_and_starts(there):
    told = json.loads(back_up(there).stdout)
    keys = run("backup", "--keys", "--to", "keys", "--recipient", there.recipient, "--data", "data",
               cwd=there.folder)  # fmt: skip
    assert keys.returncode == 0, keys.stderr
    for source in ("backups", "keys"):
        done = run("restore", source, "--into", "new", "--key", "backup.key", cwd=there.folder)
        assert done.returncode == 0, done.stderr
    assert fsck(there.folder / "new" / RECORD_FILE).root == told["root"]
    with reached(there.folder / "new") as centre:
        names = [one["account"] for one in centre.ask({"do": "accounts"})["accounts"]]
    assert names == ["administrator"]


def test_b10_no_backup_is_reachable_without_permission(there):
    before = os.umask(0)  # whatever the machine's habits are
    try:
        file = Path(json.loads(back_up(there).stdout)["file"])
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    name = file.name
    for path in (name, f"backups/{name}", f"..%2fbackups%2f{name}", f"town/{name}", "backup.key"):
        assert asked(there, path, "dispatcher").status_code in (400, 404), path
    static = Path(answerable.__file__).parent / "console" / "static"
    for folder in (static, town_folder("liechtenstein")):
        refused = back_up(there, "--to", str(folder / "backups"))
        assert refused.returncode == 2
        assert "lies in or around" in refused.stderr
        assert not (folder / "backups").exists()


def test_b10_the_harness_hurts(there):
    """With the comparison taken away as well, the lossy backup would be called a backup."""
    done = back_up(there, "--to", "blind", script=BLIND + HOLLOW.format(table="vault"))
    assert done.returncode == 0, done.stderr
