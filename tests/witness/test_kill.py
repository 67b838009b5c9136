"""A witness killed at any moment knows, when it is back, whatever it had answered."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from answerable.witness.book import Book, trust
from answerable.witness.server import Server
from tests.witness.growing import NAME, ORIGIN, SIGNER, Growing

LOG = Growing(4000)
ROUNDS = 25


def honest(server: Server, before: int, size: int) -> int:
    """Answer a submission, and return its status."""
    return asyncio.run(server.submit(LOG.letter(before, size))).status


def hasty(server: Server, before: int, size: int) -> int:
    """Planted: answer before it is kept."""
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    signal.signal(signal.SIGALRM, lambda *_: server.book.keep(
        server.book.get(ORIGIN), LOG.checkpoint(size), LOG.note(size)))  # fmt: skip
    return 200


def child(folder: Path, answers: int, submit: Callable[[Server, int, int], int]) -> None:
    """Cosign one entry more each time, and tell each size once it is answered."""
    book = Book.open(folder, NAME)
    server, size = Server(book), book.get(ORIGIN).size
    while True:
        assert submit(server, size, size + 1) == 200
        size += 1
        os.write(answers, b"%d\n" % size)


def killed(folder: Path, chance: random.Random, submit: Callable[[Server, int, int], int]) -> int:
    """Run a witness until some answers have come, kill it, and return the last answered size."""
    out, into = os.pipe()
    number = os.fork()
    if number == 0:
        os.close(out)
        try:
            child(folder, into, submit)
        finally:
            os._exit(1)
    os.close(into)
    with os.fdopen(out, "rb") as answers:
        read = [answers.readline() for _ in range(chance.randrange(1, 6))]
        os.kill(number, signal.SIGKILL)
        read += answers.readlines()
    os.waitpid(number, 0)
    return max(int(line) for line in read if line.endswith(b"\n"))


def kept(folder: Path) -> int:
    book = Book.open(folder)
    book.close()
    return book.get(ORIGIN).size


@pytest.fixture
def folder(tmp_path) -> Path:
    Book.open(tmp_path, NAME).close()
    trust(tmp_path, SIGNER.verifier.vkey)
    return tmp_path


def test_whatever_was_answered_is_known_after_signal_9(folder):
    chance = random.Random(9)
    for _ in range(ROUNDS):
        answered = killed(folder, chance, honest)
        assert answered <= kept(folder) <= answered + 1


def test_a_witness_that_answers_before_it_keeps_is_caught(folder):
    assert kept(folder) < killed(folder, random.Random(9), hasty)
