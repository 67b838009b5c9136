"""The program that compares what is locked with published advisories, and that it finds one."""

from __future__ import annotations

import datetime
import json
import zipfile

import pytest

from tools import components as c

TODAY = datetime.date(2026, 11, 22)
LOCKED = {(one.ecosystem, one.name): one for one in c.locked()}
MSGSPEC = LOCKED["PyPI", "msgspec"]


def advisory(ecosystem="PyPI", name="msgspec", published="2026-11-01T00:00:00Z", **more) -> dict:
    """Return an advisory about one package; ``more`` says which versions."""
    withdrawn = {"withdrawn": more.pop("withdrawn")} if "withdrawn" in more else {}
    return {"id": "TEST-1", "published": published, "modified": published, "summary": "a hole",
            "affected": [{"package": {"ecosystem": ecosystem, "name": name}, **more}],
            **withdrawn}  # fmt: skip


def between(*events: dict) -> dict:
    return {"ranges": [{"type": "ECOSYSTEM", "events": list(events)}]}


def told(tmp_path, *found: dict, on=TODAY) -> list[str]:
    for n, one in enumerate(found):
        (tmp_path / f"{n}.json").write_text(json.dumps(one))
    return c.faults(c.advisories(tmp_path), on)


def test_whatever_is_installed_is_compared():
    served = {("npm", name) for name in ("htmx.org", "maplibre-gl", "@fontsource-variable/inter")}
    assert {("PyPI", "msgspec"), ("PyPI", "pytest")} | served <= set(LOCKED)
    assert (MSGSPEC.days, LOCKED["PyPI", "pytest"].days) == (7, 30)


@pytest.mark.parametrize(
    ("more", "strikes"),
    [
        (between({"introduced": "0"}), True),
        (between({"introduced": "0"}, {"fixed": MSGSPEC.version}), False),
        (between({"introduced": "0"}, {"fixed": f"{MSGSPEC.version}.1"}), True),
        (between({"introduced": f"{MSGSPEC.version}.1"}), False),
        (between({"introduced": "0"}, {"last_affected": MSGSPEC.version}), True),
        (between({"introduced": "0"}, {"last_affected": "0.0.1"}), False),
        (between({"introduced": "0"}, {"fixed": "0.1"}, {"introduced": MSGSPEC.version}), True),
        ({"versions": [MSGSPEC.version]}, True),
        ({"versions": ["0.0.1"]}, False),
        ({}, True),
    ],
)
def test_an_advisory_strikes_the_versions_it_names_and_no_other(tmp_path, more, strikes):
    assert bool(told(tmp_path, advisory(**more))) is strikes


def test_names_are_compared_as_registries_do_and_what_was_withdrawn_counts_no_more(tmp_path):
    assert told(tmp_path, advisory(name="MsgSpec"))
    assert not told(tmp_path, advisory(ecosystem="npm"))
    assert not told(tmp_path, advisory(withdrawn="2026-11-02T00:00:00Z"))


@pytest.mark.parametrize(
    ("name", "ecosystem", "days", "late"),
    [("msgspec", "PyPI", 7, False), ("msgspec", "PyPI", 8, True), ("pytest", "PyPI", 30, False),
     ("pytest", "PyPI", 31, True), ("htmx.org", "npm", 8, True)],
)  # fmt: skip
def test_it_is_late_once_the_time_frame_is_over(tmp_path, name, ecosystem, days, late):
    day = TODAY - datetime.timedelta(days=days)
    (line,) = told(tmp_path, advisory(ecosystem, name, f"{day}T00:00:00Z"))
    assert line.startswith("LATE" if late else "open")


def test_locks_are_made_anew_in_time():
    day = datetime.timedelta(days=1)
    assert c.aged(TODAY, TODAY - c.LOCK_DAYS * day) == []
    assert c.aged(TODAY, TODAY - (c.LOCK_DAYS + 1) * day)[0].startswith("LATE")


def test_the_program_says_by_its_code_what_it_found(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(c, "made_on", lambda: TODAY)
    words = [str(tmp_path), "--on", str(TODAY)]
    assert c.main(words) == 2
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("a.json", json.dumps(advisory(name="something-else")))
    assert c.main(words) == 0
    with zipfile.ZipFile(tmp_path / "all.zip", "a") as packed:
        packed.writestr("b.json", json.dumps(advisory()))
    assert c.main(words) == 1
    assert "LATE msgspec" in capsys.readouterr().out
    (tmp_path / "x.json").write_text("{")
    assert c.main(words) == 2
    assert capsys.readouterr().out.startswith("Not compared. ")
