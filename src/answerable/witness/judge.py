"""What a witness answers to a submission: the rules of C2SP tlog-witness, in their order, pure."""

from __future__ import annotations

from typing import NamedTuple

from answerable.record.log import proofs
from answerable.record.log.checkpoint import Checkpoint, opened
from answerable.record.log.notes import parse
from answerable.record.log.refusals import LogRefusal, NotConsistent
from answerable.witness.book import Known
from answerable.witness.letters import SIZE_TYPE, Letter

PLAIN = "text/plain; charset=utf-8"


class Verdict(NamedTuple):
    """The status to answer with, its words, and the checkpoint to cosign (None: refused)."""

    status: int
    body: bytes
    checkpoint: Checkpoint | None = None
    kind: str = PLAIN


def refused(status: int, text: str) -> Verdict:
    """Return a refusal."""
    return Verdict(status, f"Not cosigned: {text}\n".encode())


def origin_in(letter: Letter) -> str:
    """Return the log a letter says it is from; nothing is checked. Raises LogRefusal."""
    return Checkpoint.parse(parse(letter.note).text).origin


def judge(letter: Letter, known: Known | None) -> Verdict:
    """Decide on a submission by what is known of its log."""
    if known is None:
        return refused(404, "this witness does not know the log. Its keeper can let it in.")
    try:
        now = opened(letter.note, known.keys, known.origin).checkpoint
    except LogRefusal as refusal:
        return refused(403, " ".join(refusal.parts[1:]))
    if letter.old_size > now.size:
        return refused(400, "the old size is larger than the checkpoint's. Send the proof anew.")
    if letter.old_size != known.size:
        return _last_size(known)
    if known.last is None or letter.old_size == 0:
        wrong = "a log seen for the first time needs no proof" if letter.proof else ""
    else:
        wrong = _differs(known.last, now, letter)
    if wrong == SAME_SIZE:
        return _last_size(known)
    if wrong:
        return refused(422, f"{wrong}. Send the proof anew; if it stays so, the log was changed.")
    return Verdict(200, b"", now)


SAME_SIZE = "two roots are signed for one size"


def _last_size(known: Known) -> Verdict:
    return Verdict(409, b"%d\n" % known.size, kind=SIZE_TYPE)


def _differs(last: Checkpoint, now: Checkpoint, letter: Letter) -> str:
    """Say in what a checkpoint does not extend the last one, "" where it does."""
    if now.size == last.size and now.root != last.root:
        return SAME_SIZE
    try:
        proofs.check_consistency(last.size, now.size, letter.proof, last.root, now.root)
    except NotConsistent:
        return f"the proof does not lead from {last.size} entries to {now.size}"
    return ""
