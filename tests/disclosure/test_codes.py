"""The code that goes with a number: short, sayable, and of that number only."""

from __future__ import annotations

import itertools
import stat

import pytest

from answerable.disclosure import codes
from answerable.disclosure.codes import ALPHABET, NoSecret, check_of, code_of, fitting, open_secret

SECRET = bytes(range(32))


def test_a_code_is_two_groups_of_four_that_can_be_said():
    code = code_of(SECRET, "call", "C200930001")
    assert len(code) == 9
    assert code[4] == "-"
    assert set(code) - {"-"} <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)
    assert len(ALPHABET) == 32


def test_a_code_follows_from_secret_kind_and_number_and_nothing_else():
    code = code_of(SECRET, "call", "C200930001")
    assert code == code_of(SECRET, "call", " c20093-0001 ")
    others = [
        code_of(bytes(32), "call", "C200930001"), code_of(SECRET, "incident", "C200930001"),
        code_of(SECRET, "call", "C200930002"),
    ]  # fmt: skip
    assert code not in others
    assert len({code_of(SECRET, "call", f"C2009{n:05d}") for n in range(3000)}) == 3000


@pytest.mark.parametrize("how", [str.lower, lambda c: c.replace("-", ""), lambda c: f" {c} ",
                                 lambda c: c.replace("-", "\u2013"), lambda c: c.replace("0", "o"),
                                 lambda c: c.replace("1", "l"), lambda c: "\uff2b" + c[1:]
                                 if c[0] == "K" else c])  # fmt: skip
def test_a_code_fits_however_it_is_typed(how):
    for number in range(200):
        code = code_of(SECRET, "call", f"C{number}")
        assert fitting(SECRET, f"c{number}", how(code)) == "call"


def test_what_it_is_of_is_told_by_the_code():
    for kind in ("call", "incident"):
        assert fitting(SECRET, "200930001", code_of(SECRET, kind, "200930001")) == kind
    assert fitting(SECRET, "200930001", code_of(SECRET, "call", "200930002")) == ""
    assert fitting(SECRET, "", "") == ""
    assert fitting(SECRET, "x" * 9000, "\u1234" * 9000) == ""


def test_one_slip_or_two_changed_characters_are_never_a_code():
    for number in range(40):
        plain = code_of(SECRET, "call", f"C{number}").replace("-", "")
        digits = [ALPHABET.index(one) for one in plain]
        assert check_of(digits[:-1]) == digits[-1]
        for at, other in itertools.product(range(8), range(32)):
            slipped = [*digits[:at], other, *digits[at + 1 :]]
            if slipped != digits:
                assert check_of(slipped[:-1]) != slipped[-1]
        for a, b in itertools.combinations(range(7), 2):
            swapped = digits.copy()
            swapped[a], swapped[b] = digits[b], digits[a]
            if swapped != digits:
                assert check_of(swapped[:-1]) != swapped[-1]


def test_a_wrong_number_and_a_wrong_code_are_the_same_work(monkeypatch):
    done = []
    real = codes.hmac.compare_digest
    monkeypatch.setattr(codes.hmac, "compare_digest", lambda a, b: done.append(1) or real(a, b))
    works = set()
    for number, code in (
        ("C1", code_of(SECRET, "call", "C1")), ("C1", code_of(SECRET, "incident", "C1")),
        ("C1", "0000-0000"), ("nothing", "0000-0000"), ("C1", ""),
    ):  # fmt: skip
        done.clear()
        fitting(SECRET, number, code)
        works.add(len(done))
    assert works == {2}


# -- the secret ------------------------------------------------------------------------------


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / codes.SECRET_FILE
    secret, new = open_secret(path)
    assert new
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert open_secret(path) == (secret, False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [codes.SECRET_FILE]


@pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "zz" * 32, "\u00fc"])
def test_a_damaged_secret_is_named_and_left_as_it_is(tmp_path, text):
    path = tmp_path / codes.SECRET_FILE
    path.write_text(text, "utf-8")
    with pytest.raises(NoSecret, match=r"^Not started: .*receipts\.key cannot be used\. .+ Put"):
        open_secret(path)
    assert path.read_text("utf-8") == text


def test_a_secret_that_cannot_be_read_or_made_is_said(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(NoSecret, match="cannot be read"):
        open_secret(tmp_path / "folder")
    with pytest.raises(NoSecret, match="cannot be made"):
        open_secret(tmp_path / "nowhere" / codes.SECRET_FILE)
