"""The keyring: what it opens, what it does not, and that it fails closed."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading

import pyotp
import pytest
from argon2 import PasswordHasher

from answerable.access.keyring import (
    KEYRING_FILE,
    KeptSession,
    Keyring,
    KeyringRefused,
    new_credential,
    seed_address,
    step_of,
)

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
RFC_SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The seed of RFC 6238 appendix B (SHA-1), in base 32."""


@pytest.fixture
def keyring(tmp_path):
    opened = Keyring.open(tmp_path / KEYRING_FILE)
    opened._hasher = QUICK
    yield opened
    opened.close()


def test_only_its_owner_may_read_it_also_one_that_was_laxer(tmp_path):
    path = tmp_path / "made" / KEYRING_FILE
    keyring = Keyring.open(path)
    keyring.keep_session(KeptSession(b"d" * 32, "ada", "a" * 12, 1.0, 1.0))
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    keyring.close()
    path.chmod(0o644)
    Keyring.open(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_password_opens_its_own_number_of_its_own_account_only(keyring):
    number = keyring.keep_password("ada", "four quiet rivers")
    assert keyring.check_password("ada", number, "four quiet rivers")
    assert not keyring.check_password("ada", number, "four quiet river")
    assert not keyring.check_password("bo", number, "four quiet rivers"), "another's number"
    assert not keyring.check_password("ada", new_credential(), "four quiet rivers")
    assert not keyring.check_password("ada", "", "")


def test_the_hash_is_argon2id_of_the_librarys_own_cost(tmp_path):
    keyring = Keyring.open(tmp_path / KEYRING_FILE)
    keyring.keep_password("ada", "four quiet rivers")
    text = sqlite3.connect(keyring.path).execute("SELECT hash FROM passwords").fetchone()[0]
    assert text.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert b"four quiet" not in keyring.path.read_bytes()


def test_no_password_costs_less_to_try_because_its_name_is_unknown(keyring, monkeypatch):
    number, verified = keyring.keep_password("ada", "four quiet rivers"), []
    verify = keyring._verify
    monkeypatch.setattr(keyring, "_verify", lambda *a: verified.append(a[0]) or verify(*a))
    for account, credential in (("ada", number), ("nobody", ""), ("ada", new_credential())):
        keyring.check_password(account, credential, "wrong wrong wrong")
    assert len(verified) == 3
    assert len({text.rsplit("$", 2)[0] for text in verified}) == 1, "the same parameters"


def test_a_hash_of_older_parameters_is_made_anew_with_the_right_password_only(keyring):
    number = keyring.keep_password("ada", "four quiet rivers")
    keyring._hasher = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    held = lambda: keyring._one("SELECT hash FROM passwords")[0]  # noqa: E731
    before = held()
    assert not keyring.check_password("ada", number, "wrong")
    assert held() == before
    assert keyring.check_password("ada", number, "four quiet rivers")
    assert "m=16,t=2" in held()
    assert keyring.check_password("ada", number, "four quiet rivers")


@pytest.mark.parametrize(
    ("at_s", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037")],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238(at_s, code):
    assert step_of(RFC_SEED, code, at_s) == at_s // 30


def test_a_code_lives_for_its_own_thirty_seconds(keyring):
    begins = 1_700_000_010 // 30 * 30
    code = lambda steps: pyotp.TOTP(RFC_SEED).at(begins + 30 * steps)  # noqa: E731
    for steps, at_s, fits in (
        (0, begins - 0.1, False), (0, begins, True), (1, begins + 59.9, True),
        (2, begins + 90, False),
    ):  # fmt: skip
        number = keyring.keep_seed("ada", RFC_SEED)
        assert keyring.check_code("ada", number, code(steps), at_s) is fits, (steps, at_s)


def test_a_code_counts_one_step_early_and_late_where_a_centre_allows_it_and_never_twice(keyring):
    now_s, keyring.drift_steps = 1_700_000_010.0, 1
    number = keyring.keep_seed("ada", RFC_SEED)
    code = lambda steps: pyotp.TOTP(RFC_SEED).at(int(now_s) + 30 * steps)  # noqa: E731
    assert not keyring.check_code("ada", number, code(-2), now_s)
    assert not keyring.check_code("ada", number, code(2), now_s)
    assert keyring.check_code("ada", number, code(-1), now_s)
    assert keyring.check_code("ada", number, code(0), now_s)
    assert not keyring.check_code("ada", number, code(0), now_s), "used before"
    assert not keyring.check_code("ada", number, code(-1), now_s), "older than one that was used"
    assert keyring.check_code("ada", number, code(1), now_s)
    assert not keyring.check_code("bo", number, code(2), now_s + 30), "another's number"
    assert not keyring.check_code("ada", new_credential(), code(2), now_s + 30)
    for odd in ("", "12345", "1234567", "ａｂｃｄｅｆ", "x" * 500):
        assert not keyring.check_code("ada", number, odd, now_s)


def test_a_code_is_used_up_across_a_restart(tmp_path):
    keyring = Keyring.open(tmp_path / KEYRING_FILE)
    number = keyring.keep_seed("ada", RFC_SEED)
    code = pyotp.TOTP(RFC_SEED).at(1_700_000_010)
    assert keyring.check_code("ada", number, code, 1_700_000_010.0)
    keyring.close()
    again = Keyring.open(tmp_path / KEYRING_FILE)
    assert not again.check_code("ada", number, code, 1_700_000_010.0)


def test_two_who_use_one_code_at_once_are_one_who_gets_in(keyring):
    number = keyring.keep_seed("ada", RFC_SEED)
    code, got = pyotp.TOTP(RFC_SEED).at(1_700_000_010), []
    begin = threading.Barrier(8)

    def guess() -> None:
        begin.wait()
        got.append(keyring.check_code("ada", number, code, 1_700_000_010.0))

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]


def test_the_picture_tells_a_telephone_what_it_needs():
    address = seed_address(RFC_SEED, "ada", "Answerable Toy Town")
    read = pyotp.parse_uri(address)
    assert (read.secret, read.name, read.issuer) == (RFC_SEED, "ada", "Answerable Toy Town")


def test_secrets_are_kept_missed_and_forgotten(keyring):
    hook, seed = keyring.keep_secret("city", "whsec_1"), keyring.keep_seed("ada", RFC_SEED)
    assert keyring.secret(hook) == "whsec_1"
    assert keyring.missing([hook, seed, "0" * 32]) == {"0" * 32}
    keyring.forget(hook, "0" * 32)
    assert keyring.secret(hook) is None
    assert keyring.missing([hook, seed]) == {hook}


def test_what_is_forgotten_is_not_left_in_the_file(tmp_path):
    keyring = Keyring.open(tmp_path / KEYRING_FILE)
    number = keyring.keep_secret("city", "whsec_very_telling")
    keyring.forget(number)
    keyring.close()
    assert b"very_telling" not in (tmp_path / KEYRING_FILE).read_bytes()


def test_sessions_are_kept_touched_and_ended(keyring):
    one = KeptSession(b"1" * 32, "ada", "a" * 12, 1.0, 1.0)
    other = KeptSession(b"2" * 32, "ada", "b" * 12, 2.0, 2.0)
    keyring.keep_session(other)
    keyring.keep_session(one)
    keyring.touch_sessions([(one.digest, 9.0)], [other.digest])
    assert keyring.sessions() == [one._replace(seen_s=9.0)]


def break_file(path) -> None:
    path.write_bytes(b"\0" * 100 + b"this is no database" * 100)


def other_database(path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE record (x)")


def newer(path) -> None:
    Keyring.open(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")


def torn(path) -> None:
    Keyring.open(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def folder(path) -> None:
    path.mkdir()


@pytest.mark.parametrize("harm", [break_file, other_database, newer, torn, folder])
def test_a_file_that_is_no_keyring_is_refused_and_left_as_it_is(tmp_path, harm):
    path = tmp_path / KEYRING_FILE
    harm(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(KeyringRefused) as refusal:
        Keyring.open(path)
    assert str(refusal.value).startswith(f"Not started: the keyring {path} was not opened.")
    assert "account invite" in str(refusal.value) or "that program" in str(refusal.value)
    if before:
        assert path.read_bytes() == before


def test_a_write_that_fails_leaves_nothing_half_done(keyring):
    keyring.keep_session(KeptSession(b"1" * 32, "ada", "a" * 12, 1.0, 1.0))
    with pytest.raises(sqlite3.IntegrityError):
        keyring.keep_session(KeptSession(b"1" * 32, "ada", "b" * 12, 1.0, 1.0))
    keyring.keep_session(KeptSession(b"2" * 32, "ada", "c" * 12, 1.0, 1.0))
    assert len(keyring.sessions()) == 2


def test_it_is_durable_the_moment_a_call_returns(keyring):
    assert keyring._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert keyring._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_one_in_memory_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keyring = Keyring.in_memory()
    keyring._hasher = QUICK
    assert keyring.check_password("ada", keyring.keep_password("ada", "four rivers"), "four rivers")
    assert os.listdir(tmp_path) == []
