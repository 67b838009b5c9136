"""Letters go out over a relay, replies come in as files; what is no reply says why."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.exchange.letters import Letter, NotCarried
from answerable.exchange.mail import out, reply
from answerable.exchange.mail.definition import MailAt
from tests.exchange.mail.relay import Relay

SECRET = b"s" * 32
LETTER = Letter(
    referral="100F1", agency="HOUSING", sending=2, lines=("Referral 100F1", "Place: 10 Öl St"),
)  # fmt: skip
CODE = out.code_of(SECRET, "100F1")


@pytest.fixture
def relay():
    made = Relay()
    yield made
    made.close()


def sender(address: str) -> out.Relay:
    at = MailAt(relay=address, sender="centre@example.org", encryption="none")
    return out.Relay("housing@example.net", at, SECRET, "Toy")


def test_a_letter_goes_out_with_the_code_by_which_its_reply_is_known(relay):
    receipt = asyncio.run(sender(relay.address).carry(LETTER))
    mail = message_from_bytes(relay.letters[0], policy=policy.default)
    assert mail["subject"] == f"Referral [100F1 {CODE}] from Toy"
    assert mail["to"] == "housing@example.net"
    assert mail["reply-to"] == f"centre+{CODE.lower()}@example.org"
    assert mail["message-id"] == receipt == "<100F1.2@example.org>"
    text = mail.get_content()
    assert "Place: 10 Öl St" in text
    assert "DECLINE not ours" in text
    assert reply.SUBJECT.search(mail["subject"])[2] == CODE


def test_a_letter_in_chinese_says_in_chinese_how_to_answer(relay):
    asyncio.run(sender(relay.address).carry(LETTER._replace(lang="zh-CN")))
    mail = message_from_bytes(relay.letters[0], policy=policy.default)
    assert "退回 已完成" in mail.get_content()


def test_a_line_in_the_letter_makes_no_header(relay):
    asyncio.run(sender(relay.address).carry(LETTER._replace(lines=("a\nBcc: x@example.com",))))
    mail = message_from_bytes(relay.letters[0], policy=policy.default)
    assert mail["bcc"] is None
    with pytest.raises(NotCarried):
        asyncio.run(sender(relay.address).carry(LETTER._replace(referral="1\nBcc: x@example.com")))


@pytest.mark.parametrize(
    ("refuses", "why", "for_good"),
    [
        ({"RCPT": "550 nobody of that name"}, "does not take its address", True),
        ({"MAIL": "452 full"}, "answered 452", False),
        ({"DATA": "554 no"}, "answered 554", True),
    ],
)
def test_what_the_relay_does_not_take_is_told_by_its_number(relay, refuses, why, for_good):
    relay.refuses = refuses
    with pytest.raises(NotCarried, match=why) as caught:
        asyncio.run(sender(relay.address).carry(LETTER))
    assert caught.value.for_good is for_good
    assert relay.letters == []


def test_a_relay_that_is_not_there_is_tried_again(relay):
    relay.close()
    with pytest.raises(NotCarried, match="cannot be reached") as caught:
        asyncio.run(sender("127.0.0.1:9").carry(LETTER))
    assert not caught.value.for_good


# -- replies ---------------------------------------------------------------------------------


def mail(text: str, subject: str = f"Re: Referral [100F1 {CODE}] from Toy", **headers) -> bytes:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, "a@example.net", "centre@example.org"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


@pytest.mark.parametrize(
    ("text", "does", "value", "words"),
    [
        ("RECEIVED", "receive", "", ""),
        ("Accept, on Friday\n\n> Referral 100F1", "accept", "", "on Friday"),
        ("\nACCEPT\nwe come at nine\n\nOn 2 Apr 2020, centre wrote:\n> secret", "accept", "",
         "we come at nine"),
        ("DECLINE not ours\nask the gas company", "decline", "not ours", "ask the gas company"),
        ("decline", "decline", "another reason", ""),
        ("RETURN partly done: the pole is left", "return", "partly done", "the pole is left"),
        ("DECLINE - another reason, the road is private\nsorry", "decline", "another reason",
         "the road is private\nsorry"),
        ("Done: lamp replaced. 3 left", "return", "done", "lamp replaced. 3 left"),
        ("\ufeffACCEPT\nok", "accept", "", "ok"),
        ("\u200bRECEIVED\u200b", "receive", "", ""),
        ("DECLINE\u00a0not\u00a0ours", "decline", "not ours", ""),
        ("*RETURN*\tdone", "return", "done", ""),
        ("受理\u3000明天到", "accept", "", "明天到"),
        ("拒绝（不属于我们）", "decline", "not ours", ""),
        ("ACCEPT\nok\nOn Mon, 6 Apr 2020 at 14:00, Town <town@example.org>\nwrote:\n> x",
         "accept", "", "ok"),
        ("Done.\nthe lamp burns", "return", "done", "the lamp burns"),
        ("受理\n明天办理\n在2020年4月2日，中心写道：\n> x", "accept", "", "明天办理"),
        ("拒绝 不属于我们\n请找燃气公司", "decline", "not ours", "请找燃气公司"),
        ("退回 无法办理", "return", "not possible", ""),
    ],
)  # fmt: skip
def test_the_first_line_is_the_answer_and_what_is_quoted_is_left_out(text, does, value, words):
    assert reply.read(mail(text)) == ("100F1", CODE, does, value, words)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (mail("ACCEPT", subject="Re: your letter"), "no number and code"),
        (mail("ACCEPT", Auto_Submitted="auto-replied"), "sent by a program"),
        (mail("Thank you for your letter"), "no word that is an answer"),
        (mail("> ACCEPT"), "says nothing before"),
        (mail("DECLINE because I say so"), "no reason of the list"),
        (mail("RETURN"), "no result of the list"),
        (b"x" * (reply.MAIL_BYTES_MAX + 1), "longer than"),
        (b"", "no number and code"),
        (f"Subject: [100F1 {CODE}]\nContent-Type: text/html\n\n<p>ACCEPT".encode(),
         "no plain text"),
        (f"Subject: [100F1 {CODE}]\nContent-Type: text/plain; charset=nonsense\n\nACCEPT".encode(),
         "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_reply_says_why(body, why):
    with pytest.raises(reply.NotAReply, match=why):
        reply.read(body)


HEAD = f"Subject: Re: [100F1 {CODE}]\n".encode()


@given(st.binary(max_size=600), st.booleans())
def test_any_bytes_are_a_reply_or_a_reason(body, known):
    try:
        found = reply.read(HEAD + body if known else body)
    except reply.NotAReply:
        return
    assert found.does in {"receive", "accept", "decline", "return"}
    assert len(found.words) <= reply.WORDS_MAX
