"""The proof file of a receipt: real server, record on a disk, and the verifier an outsider runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from answerable.disclosure.codes import SECRET_FILE, NoSecret, code_of
from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.record.log.tlog_proof import TlogProof
from tests.console.conftest import World
from tests.console.contract.served import Served, make_world_on_disk, serving
from tests.console.log_beside import with_log

SEALED_WORDS = "Zaphod-Sentinel-4711"
LINE = Actor(name="line", role="line")


def on_disk(folder: Path) -> World:
    """Return a world on a disk whose record is published as a log."""
    return with_log(make_world_on_disk(folder), folder)


def whole_life(world: World) -> dict[str, str]:
    """One call from the ring to the end, and taken up again; returns its number, code and so on."""
    boss = {"reason": "a slip"}
    call = world.do(i.RingCall, number=SEALED_WORDS, actor=LINE).call
    world.do(i.AnswerCall, call=call, number=SEALED_WORDS)
    incident = world.do(
        i.OpenIncident, call=call, kind="Medical Incident", priority="3", lon=-122.4177,
        lat=37.7816, address="GOLDEN GATE AV/LARKIN ST", door=SEALED_WORDS,
    ).incident  # fmt: skip
    world.do(d.SendUnit, incident=incident, unit="E03")
    world.do(d.Arrive, incident=incident, unit="E03")
    world.do(i.AddNote, incident=incident, words=SEALED_WORDS)
    world.do(d.ClearUnit, incident=incident, unit="E03", outcome="helped")
    world.do(d.ReportBack, incident=incident, unit="E03", code="no-merit", words=SEALED_WORDS)
    world.do(d.CloseIncident, incident=incident, outcome="Code 2 Transport")
    world.do(d.ReopenIncident, incident=incident, **boss)
    code = code_of(world.centre.receipt_secret, "call", call)
    return {"number": call, "code": code, "incident": incident,
            "key": world.app.front.log.publisher.keys.vkey}  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), on_disk) as one:
        yield one


@pytest.fixture(scope="module")
def told(served) -> dict[str, str]:
    return served.call(whole_life, served.world)


def fetched(served: Served, told: dict[str, str]) -> bytes:
    """Download the file as a caller's browser does, once its last step is sealed."""
    form = {"number": told["number"], "code": told["code"]}
    for _ in range(300):
        answer = httpx.post(f"{served.url}/receipt/proof", data=form)
        if answer.status_code != 503:
            break
        assert "not sealed yet" in answer.text
        assert answer.headers["retry-after"] == "2"
        time.sleep(0.1)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "attachment" in answer.headers["content-disposition"]
    assert told["code"] not in answer.text
    return answer.content


@pytest.fixture(scope="module")
def file(served, told) -> dict[str, Any]:
    return json.loads(fetched(served, told))


def verify(path: Path, key: str) -> subprocess.CompletedProcess[str]:
    """Run the verifier that the log page offers, alone in its folder."""
    return subprocess.run(
        [sys.executable, "-I", str(path.parent / "verify.py"), str(path), "--key", key],
        capture_output=True, text=True, check=False, cwd=path.parent,
    )  # fmt: skip


@pytest.fixture
def outside(served, tmp_path) -> Path:
    """A folder of somebody outside, with nothing in it but the verifier the service offers."""
    program = httpx.get(f"{served.url}/log/verify.py").content
    (tmp_path / "verify.py").write_bytes(program)
    return tmp_path


def test_the_verifier_accepts_the_file_of_a_real_call(file, told, outside):
    path = outside / "receipt.json"
    path.write_text(json.dumps(file), "utf-8")
    done = verify(path, told["key"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "intake.CallRung" in done.stdout
    assert told["number"] in done.stdout


def test_a_changed_word_a_changed_time_or_another_key_is_refused(file, told, outside):
    path, key = outside / "receipt.json", told["key"]
    opening = file["openings"][0]["opening"]
    header = json.loads(opening.partition("\n")[0])
    for was, now in ((told["number"], "C999999999"), (str(header[4]), str(header[4] - 1_000_000))):
        changed = json.loads(json.dumps(file))
        changed["openings"][0]["opening"] = opening.replace(was, now)
        path.write_text(json.dumps(changed), "utf-8")
        done = verify(path, key)
        assert done.returncode == 1, done.stdout
        assert "not what was recorded" in done.stderr + done.stdout
    path.write_text(json.dumps(file), "utf-8")
    other = key[:-4] + ("AAA=" if not key.endswith("AAA=") else "BBB=")
    assert verify(path, other).returncode != 0


def test_what_is_closed_is_proved_to_be_there_and_can_be_read_by_nobody(file, told, outside):
    kinds = [json.loads(one["opening"].partition("\n")[0])[2] for one in file["openings"]]
    assert kinds == ["intake.CallRung", "intake.CallAnswered", "dispatch.IncidentReopened"]
    assert len(file["closed"]) == 5, "opened, sent, arrived, closed, to be asked"
    for nth, one in enumerate(file["closed"]):
        assert set(one) == {"position", "proof"}
        proof = TlogProof.parse(one["proof"].encode())
        assert proof.index == one["position"] - 1
        assert len(proof.extra) == 64
        path = outside / f"{nth}.tlog-proof"
        path.write_text(one["proof"], "utf-8")
        done = verify(path, told["key"])
        assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_in_the_file_names_place_person_unit_kind_or_outcome(file, told):
    text = json.dumps(file)
    for secret in (SEALED_WORDS, "E03", "ENGINE", "GOLDEN", "-122.4", "37.78", "Medical", "helped",
                   "Transport", "a slip", told["code"]):  # fmt: skip
        assert secret not in text, secret


def test_without_the_right_code_there_is_no_file(served, told):
    for form in ({"number": told["number"], "code": "0000-0000"},
                 {"number": "C1", "code": told["code"]}):  # fmt: skip
        answer = httpx.post(f"{served.url}/receipt/proof", data=form)
        assert answer.status_code == 404
        assert "No call has this number together with this code." in answer.text


def test_what_cannot_be_read_now_is_said(served, told, monkeypatch):
    from answerable.record.refusals import damaged

    service = served.world.app.front.log

    async def broken(position: int, extra: bytes = b"") -> bytes:
        raise damaged("served", "position 1 is not what was recorded")

    monkeypatch.setattr(service, "proof", broken)
    form = {"number": told["number"], "code": told["code"]}
    answer = httpx.post(f"{served.url}/receipt/proof", data=form)
    assert answer.status_code == 503
    assert "cannot be read now" in answer.text


def test_codes_stay_the_same_over_a_restart_and_a_damaged_secret_stops_the_start(tmp_path, caplog):
    world = make_world_on_disk(tmp_path)
    secret = world.centre.receipt_secret
    world.centre.close()
    world = make_world_on_disk(tmp_path)
    assert world.centre.receipt_secret == secret
    world.centre.close()
    (tmp_path / SECRET_FILE).rename(tmp_path / "old")
    world = make_world_on_disk(tmp_path)
    assert world.centre.receipt_secret != secret
    assert "codes given before are void" in caplog.text
    world.centre.close()
    (tmp_path / SECRET_FILE).write_text("torn")
    with pytest.raises(NoSecret):
        make_world_on_disk(tmp_path)
    (tmp_path / SECRET_FILE).unlink()
    (tmp_path / "old").rename(tmp_path / SECRET_FILE)
    world = make_world_on_disk(tmp_path)
    assert world.centre.receipt_secret == secret
    world.centre.close()
