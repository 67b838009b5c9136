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
WRAPPED = re.compile(
    r"((on|am|el|le)\s|[在于])(?=.*[0-9@]).{0,200}(wrote|schrieb|escribió|écrit|写道)\s?[:：]$",
    re.IGNORECASE,
)
"""The same where a mail program broke that line in two."""
BETWEEN = r"[\s,:;.!*<>()：，。！（）–—-]+"
"""What stands between words; ``\\s`` has the spaces that do not break or are a sign wide, too."""
UNSEEN = "\ufeff\u200b\u200e\u200f\u2060"
"""Signs nobody sees that mail programs put at the ends of lines, a byte order mark among them."""
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
    own = _own(text)
    first, words = own[0], "\n".join(own[1:]).strip()[:WORDS_MAX]
    verb, *after = re.split(BETWEEN, re.sub(f"^{BETWEEN}", "", first), maxsplit=1)
    does, rest = VERBS.get(verb.casefold(), ""), after[0] if after else ""
    if not does:
        raise NotAReply("Its first line begins with no word that is an answer.")
    value = ""
    if does == "decline":
        value, rest = _value(Why, ZH_WHY, rest, Why.OTHER, "reason")
    elif does == "return":
        usual = ALREADY.get(verb.casefold())
        value, rest = _value(Result, ZH_RESULT, rest, usual, "result")
    return does, value, _joined(rest, words)


def _own(text: str) -> list[str]:
    """Return the lines above what a reply quotes, from the first that is not empty."""
    lines = [line.strip().strip(UNSEEN).strip() for line in text.replace("\r\n", "\n").split("\n")]
    own: list[str] = []
    for line, after in zip(lines, (*lines[1:], ""), strict=True):
        if QUOTED.match(line) or WRAPPED.match(f"{line} {after}"):
            break
        if line or own:
            own.append(line)
    if not own:
        raise NotAReply("It says nothing before what it quotes.")
    return own


def _value(
    known: type[Why] | type[Result], zh: dict[str, Why] | dict[str, Result], told: str,
    usual: Why | Result | None, what: str,
) -> tuple[str, str]:  # fmt: skip
    """Return the value that a line names, and what it says besides. Raises NotAReply for none."""
    for words, one in [*((str(one), one) for one in known), *zh.items()]:
        found = re.match(BETWEEN.join(words.split()), told, re.IGNORECASE)
        if found:
            return str(one), re.sub(f"^{BETWEEN}", "", told[found.end() :])
    if usual is None or (told.strip() and usual is Why.OTHER):
        possible = ", ".join(known)
        raise NotAReply(f"It gives no {what} of the list: {possible}.")
    return str(usual), told


def _joined(rest: str, words: str) -> str:
    return "\n".join(filter(None, (rest.strip(), words)))[:WORDS_MAX]
