"""Replies in: a file of RFC 5322 becomes an answer, or one sentence that says why it is none.

A reply is known by the referral's number and code in its subject; who sent it proves nothing. The
answer is the first line that is not empty; what stands below it, up to what the reply quotes, are
the agency's words.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

from answerable.matters.referral_words import Result, Why

MAIL_BYTES_MAX = 262_144
WORDS_MAX = 4_000
SUBJECT = re.compile(
    r"\[([^\[\]\s]{1,60}F[0-9]{1,12}) ([0-9A-Z]{4}-[0-9A-Z]{4})\]", re.IGNORECASE | re.ASCII
)
"""Without ASCII a search without case takes the sign for kelvin for a K."""
QUOTED = re.compile(
    r"(>|-{2,}\s?(original|forwarded|weitergeleitete|ursprüngliche|原始邮件|转发)|_{10,}|"
    r"((on|am|el|le)\s|[在于]).{0,200}(wrote|schrieb|escribió|écrit|写道)\s?[:：]|"
    r"(from|von):\s|发件人)", re.IGNORECASE,
)  # fmt: skip
"""Where a reply begins to quote the letter it answers."""
VERBS = {
    "received": "receive", "已收到": "receive", "accept": "accept", "accepted": "accept",
    "接受": "accept", "受理": "accept", "decline": "decline", "declined": "decline",
    "拒绝": "decline", "不受理": "decline", "return": "return", "returned": "return",
    "done": "return", "退回": "return", "办结": "return",
}  # fmt: skip
ALREADY = {"done": Result.DONE, "办结": Result.DONE}
"""Verbs that say the result themselves."""
ZH_WHY = {"不属于我们": Why.NOT_OURS, "信息不足": Why.NOT_ENOUGH, "无人可派": Why.NO_MEANS,
          "已知": Why.KNOWN}  # fmt: skip
ZH_RESULT = {"已完成": Result.DONE, "部分完成": Result.PARTLY, "未发现": Result.NOT_FOUND,
             "无法办理": Result.NOT_POSSIBLE}  # fmt: skip


class NotAReply(Exception):
    """A mail that cannot be taken as an answer; the sentence says why."""


class Reply(NamedTuple):
    """An answer: to which referral, with which code, what, and the agency's words."""

    referral: str
    code: str
    does: str
    value: str
    words: str


def read(body: bytes) -> Reply:
    """Read a mail. Raises NotAReply."""
    if len(body) > MAIL_BYTES_MAX:
        raise NotAReply(f"It is longer than {MAIL_BYTES_MAX} bytes.")
    try:
        mail = message_from_bytes(body, policy=policy.default)
        assert isinstance(mail, EmailMessage), "the policy makes this class"
        subject, automatic = str(mail["subject"] or ""), str(mail["auto-submitted"] or "no")
        text = _text(mail)
    except NotAReply:
        raise
    except Exception as fault:  # the library trips over mail in ways that it does not name
        raise NotAReply("It cannot be read as a mail.") from fault
    found = SUBJECT.search(" ".join(subject.split()))
    if found is None:
        raise NotAReply("Its subject has no number and code of a referral.")
    if automatic.lower().partition(";")[0].strip() not in ("", "no"):
        raise NotAReply("It was sent by a program: an absence or a failure.")
    does, value, words = answer_of(text)
    return Reply(found[1], found[2].upper(), does, value, words)


def _text(mail: EmailMessage) -> str:
    """Return the plain text of a mail. Raises NotAReply where it has none."""
    part = mail.get_body(preferencelist=("plain",))
    if part is None:
        raise NotAReply("It has no plain text.")
    content = part.get_content()
    if not isinstance(content, str):
        raise NotAReply("It has no plain text.")
    return content


def answer_of(text: str) -> tuple[str, str, str]:
    """Return what a text answers, with which value, and its words. Raises NotAReply."""
    own: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if QUOTED.match(line.strip()):
            break
        own.append(line.strip())
    while own and not own[0]:
        own.pop(0)
    if not own:
        raise NotAReply("It says nothing before what it quotes.")
    first, words = own[0], "\n".join(own[1:]).strip()[:WORDS_MAX]
    verb, _space, rest = re.sub(r"[,:;.：，。!]+", " ", first).strip().partition(" ")
    does, more = VERBS.get(verb.casefold(), ""), " ".join(rest.split()).casefold()
    if not does:
        raise NotAReply("Its first line begins with no word that is an answer.")
    if does == "decline":
        return does, _value(Why, ZH_WHY, more, Why.OTHER, "reason"), words
    if does == "return":
        usual = ALREADY.get(verb.casefold())
        return does, _value(Result, ZH_RESULT, more, usual, "result"), words
    return does, "", _joined(rest, words)


def _value(
    known: type[Why] | type[Result], zh: dict[str, Why] | dict[str, Result], told: str,
    usual: Why | Result | None, what: str,
) -> str:  # fmt: skip
    """Return the value that a line names. Raises NotAReply where it names none and must."""
    for one in known:
        if told.startswith(str(one)):
            return str(one)
    for words, one in zh.items():
        if told.startswith(words):
            return str(one)
    if usual is None or (told and usual is Why.OTHER):
        possible = ", ".join(known)
        raise NotAReply(f"It gives no {what} of the list: {possible}.")
    return str(usual)


def _joined(rest: str, words: str) -> str:
    return "\n".join(filter(None, (rest.strip(), words)))[:WORDS_MAX]
