"""The outsider's verifier on proofs and receipts: refused for the right reason, or proved."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from answerable.record.log.notes import Signer
from answerable.record.log.tlog_proof import TlogProof
from answerable.record.verify import main
from benchmarks.verify import ORIGIN, SIGNER
from tests.record.receipts import Receipts
from tests.record.verified import KEY, verified


@pytest.fixture
def receipts(tmp_path) -> Receipts:
    """A record of 300 events, and what its keeper hands out."""
    return Receipts(tmp_path, 300, SIGNER)


@pytest.mark.parametrize("position", [1, 2, 17, 256, 299, 300])
def test_a_receipt_is_verified_offline_word_for_word(receipts, capsys, position):
    path = receipts.write([position])
    code, told = verified(capsys, path, "--key", KEY)
    assert (code, told["proved"], told["size"]) == (0, [position], 300)
    assert f'"call":"c{position}"' in told["opened"][0]["opening"]
    assert main([str(path), "--key", KEY]) == 0
    assert f"In the record: position {position}." in capsys.readouterr().out


def test_a_proof_with_its_opening_beside_it_and_one_that_carries_its_entry(receipts, capsys):
    receipt, proof = receipts.write([17, 40]), receipts.proof(17)
    code, told = verified(capsys, proof, "--opening", receipt, "--key", KEY)
    assert (code, [one["position"] for one in told["opened"]]) == (0, [17])
    assert verified(capsys, proof, "--key", KEY)[1]["code"] == "no-entry"
    code, told = verified(capsys, receipts.proof(17, extra=True), "--key", KEY)
    assert (code, told["proved"], told["opened"]) == (0, [17], [])
    code, told = verified(capsys, proof, "--opening", receipts.write([40]), "--key", KEY)
    assert (code, told["code"]) == (1, "other-entry")


def changed(receipts: Receipts, **fields: object) -> Path:
    path = receipts.write([17])
    told = json.loads(path.read_text())
    told["openings"][0].update(fields)
    path.write_text(json.dumps(told))
    return path


def test_a_receipt_is_refused_for_the_right_reason(receipts, capsys):
    told = json.loads(receipts.write([17]).read_text())["openings"][0]
    other = json.loads(receipts.write([18]).read_text())["openings"][0]
    for fields, code in (
        ({"opening": told["opening"].replace("c17", "c71")}, "not-included"),
        ({"salt": other["salt"]}, "not-included"),
        ({"back": other["back"]}, "not-included"),
        ({"proof": other["proof"]}, "other-entry"),
        ({"proof": told["proof"].replace("index 16", "index 17")}, "other-entry"),
        ({"proof": ""}, "damaged"),
        ({"proof": told["proof"].replace("@v1", "@v2")}, "damaged"),
        ({"proof": told["proof"][:-30]}, "damaged"),
        ({"position": 18}, "damaged"),
        ({"position": "17"}, "damaged"),
        ({"salt": "AAAA"}, "damaged"),
        ({"salt": "no base64"}, "damaged"),
        ({"opening": 5}, "damaged"),
        ({"opening": "[]"}, "damaged"),
        ({"opening": '[17,"\ud800"]'}, "damaged"),
        ({"position": float("inf"), "opening": "[Infinity]"}, "damaged"),
    ):
        exit_code, found = verified(capsys, changed(receipts, **fields), "--key", KEY)
        assert (exit_code, found["code"]) == (1, code), fields
    lines = told["proof"].split("\n")
    lines[3] = base64.b64encode(bytes(32)).decode()
    _, found = verified(capsys, changed(receipts, proof="\n".join(lines)), "--key", KEY)
    assert found["code"] == "not-included"
    assert "does not lead from entry 16 to the root" in found["text"]


def test_closed_events_of_a_receipt_are_proved_too_and_said_to_be_closed(receipts, capsys):
    path = receipts.write([17])
    told = json.loads(path.read_text())
    proof = receipts.proof(40, extra=True).read_text()
    for closed, code in (
        ([{"position": 40, "proof": proof}], ""),
        ([{"position": 41, "proof": proof}], "damaged"),
        ([{"position": 40, "proof": receipts.proof(40).read_text()}], "no-entry"),
        ([{"position": 40}], "damaged"), (5, "damaged"), (["x"], "damaged"),
        ([{"position": float("inf"), "proof": proof}], "damaged"),
    ):  # fmt: skip
        path.write_text(json.dumps({**told, "closed": closed}))
        _, found = verified(capsys, path, "--key", KEY)
        assert found.get("code", "") == code, closed
        if not code:
            assert (found["proved"], len(found["opened"])) == ([17, 40], 1)
    entry = base64.b64encode(bytes(64)).decode()
    lines = proof.split("\n")
    lines[1] = f"extra {entry}"
    path.write_text(json.dumps({**told, "closed": [{"position": 40, "proof": "\n".join(lines)}]}))
    assert verified(capsys, path, "--key", KEY)[1]["code"] == "not-included"


def test_a_proof_that_carries_its_entry_and_an_opening_that_does_not_open_it(receipts, capsys):
    proof = receipts.proof(17, extra=True)
    text = json.loads(receipts.write([17]).read_text())["openings"][0]["opening"]
    wrong = changed(receipts, opening=text.replace("c17", "c71"))
    code, told = verified(capsys, proof, "--opening", wrong, "--key", KEY)
    assert (code, told["code"]) == (1, "opening-differs")
    assert "entry 16 commits to something else" in told["text"]


def test_a_proof_of_another_log_or_an_unknown_key_is_refused(receipts, capsys):
    path = receipts.write([17])
    other = Signer("other.example/log", bytes(32)).verifier.vkey
    assert verified(capsys, path, "--key", other)[1]["code"] == "other-log"
    stranger = Signer(ORIGIN, bytes(32)).verifier.vkey
    assert verified(capsys, path, "--key", stranger)[1]["code"] == "unknown-key"
    for words in ((), ("--key", KEY, "--since", path)):
        assert verified(capsys, path, *words)[0] == 2
    for data in (b"", b"{}", b"[]", b"{", b"[[[[", b'{"openings": 5}', b"\xff\xfe", b"hello\n\nx"):
        path.write_bytes(data)
        assert verified(capsys, path, "--key", KEY)[1]["code"] == "damaged", data
    assert verified(capsys, path.parent / "nothing", "--key", KEY)[1]["code"] == "not-there"
    told = verified(capsys, path.parent / "nothing")[1]  # not "No key was given": nothing is there
    assert told["code"] == "not-there"
    assert "nothing cannot be read (No such file" in told["text"]


def test_openings_are_found_in_a_whole_log_or_said_not_to_be(receipts, capsys):
    log, path = receipts.lay(), receipts.write([3, 290])
    words = (log, "--key", KEY, "--opening")
    code, told = verified(capsys, *words, path)
    assert (code, [one["position"] for one in told["opened"]]) == (0, [3, 290])
    text = json.loads(path.read_text())["openings"][0]["opening"]
    wrong = changed(receipts, position=3, opening=text.replace("c3", "c4"))
    assert verified(capsys, *words, wrong)[1]["code"] == "opening-differs"
    beyond = changed(receipts, position=301, opening=text.replace("[3,", "[301,"))
    assert verified(capsys, *words, beyond)[1]["code"] == "not-included"


def test_a_tlog_proof_of_this_program_is_the_one_the_verifier_reads(receipts):
    proof = TlogProof.parse(receipts.proof(17).read_bytes())
    assert proof.index == 16
