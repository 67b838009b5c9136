"""A list of breached passwords beside the centre: whatever is in it is found, nothing else is."""

from __future__ import annotations

import hashlib
import random

import pytest

from answerable.access.breached import Breached, NotAList


def sha1(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def listed(path, passwords, end="\n"):
    lines = sorted(f"{sha1(one)}:{number}" for number, one in enumerate(passwords, 1))
    path.write_text("".join(f"{line}{end}" for line in lines), "ascii", newline="")
    return Breached(path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 17, 1000])
def test_each_password_of_the_list_is_found_and_no_other(tmp_path, size, end):
    dice = random.Random(size)
    passwords = [f"{dice.random()}" for _ in range(size)]
    found = listed(tmp_path / "list.txt", passwords, end)
    assert all(map(found.holds, passwords))
    assert not any(found.holds(f"{dice.random()}") for _ in range(200))


def test_a_list_that_does_not_end_with_a_line_is_read_to_its_end(tmp_path):
    passwords = [f"password {n}" for n in range(50)]
    found = listed(tmp_path / "list.txt", passwords)
    found.path.write_bytes(found.path.read_bytes().rstrip())
    assert all(map(found.holds, passwords))


@pytest.mark.parametrize("text", ["", "password\n", f"{'a' * 40}:1\n", f"{'F' * 40}\n{'A' * 40}\n"])
def test_what_is_no_such_list_is_refused(tmp_path, text):
    (tmp_path / "list.txt").write_text(text)
    with pytest.raises(NotAList):
        Breached(tmp_path / "list.txt")
