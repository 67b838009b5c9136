"""The book of hooks as a file."""

from __future__ import annotations

import stat

import pytest

from answerable.exchange.hooks.book import BadBook, Book


def test_only_its_owner_reads_what_waits_to_be_told(tmp_path):
    book = Book.open(tmp_path / "hooks.sqlite")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    book.close()
    assert modes == dict.fromkeys(("hooks.sqlite", "hooks.sqlite-wal", "hooks.sqlite-shm"), 0o600)


def test_a_book_in_a_folder_that_is_none_is_refused_in_three_sentences(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadBook, match=r"Not told: .* cannot be used .* start again"):
        Book.open(tmp_path / "file" / "hooks.sqlite")
