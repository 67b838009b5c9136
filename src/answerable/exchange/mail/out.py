"""Letters out: a message of plain text, over the relay, with a code by which a reply is known."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from answerable.disclosure import codes
from answerable.exchange.letters import Heard, Letter, NotCarried
from answerable.exchange.mail.definition import MailAt

TIMEOUT_S = 15.0
HOW = """
To answer, reply to this message and begin with one of these words on a line of its own, followed by
whatever you want to say:
  RECEIVED           you have it
  ACCEPT             you take it
  DECLINE not ours   you do not (or: not enough told, nobody free, known already, another reason)
  RETURN done        you give it back (or: partly done, nothing found, not possible)
Leave the subject as it is. Write no names and no telephone numbers of anybody who called.
"""
HOW_ZH = """
请直接回复本邮件，第一行以下列词语之一开头，其后可附说明：
  已收到             已收到
  受理               受理
  拒绝 不属于我们    不受理（或：信息不足、无人可派、已知）
  退回 已完成        退回结果（或：部分完成、未发现、无法办理）
请勿修改主题。请勿写入来电人的姓名和电话。
"""


def code_of(secret: bytes, referral: str) -> str:
    """Return the code of a referral, by which a reply proves that it answers our letter."""
    return codes.code_of(secret, "referral", referral)


def message(letter: Letter, code: str, to: str, at: MailAt, town: str) -> EmailMessage:
    """Return a letter as a message; the same letter has the same Message-ID at every try."""
    local, _at, domain = at.sender.partition("@")
    made = EmailMessage()
    made["Subject"] = f"Referral [{letter.referral} {code}] from {town}"
    made["From"] = at.sender
    made["Reply-To"] = f"{local}+{code.lower()}@{domain}"
    made["To"] = to
    made["Date"] = format_datetime(datetime.now(UTC))
    made["Message-ID"] = f"<{letter.referral}.{letter.sending}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    how = HOW_ZH if letter.lang.startswith("zh") else HOW
    made.set_content(f"{letter.words()}\n{how}")
    return made


class Relay:
    """Brings letters to one agency over the relay. Each is sent in a thread: it may be slow."""

    def __init__(self, to: str, at: MailAt, secret: bytes, town: str, password: str = "") -> None:
        self._to = to
        self._at = at
        self._secret = secret
        self._town = town
        self._password = password

    async def carry(self, letter: Letter) -> str:
        """Send a letter; the receipt is its Message-ID. Raises NotCarried."""
        code = code_of(self._secret, letter.referral)
        try:
            made = message(letter, code, self._to, self._at, self._town)
        except ValueError as error:  # a line feed where a header would end
            raise NotCarried("its number makes no subject", for_good=True) from error
        await asyncio.to_thread(self._send, made)
        return str(made["Message-ID"])

    async def ask(self, receipts: list[str]) -> list[Heard]:
        """Nobody can be asked by mail: replies come by themselves."""
        return []

    async def close(self) -> None:
        """Nothing stays open between two letters."""

    def _send(self, made: EmailMessage) -> None:
        host, _colon, port = self._at.relay.rpartition(":")
        context = ssl.create_default_context() if self._at.encryption != "none" else None
        try:
            if self._at.encryption == "tls":
                relay: smtplib.SMTP = smtplib.SMTP_SSL(
                    host, int(port), timeout=TIMEOUT_S, context=context
                )
            else:
                relay = smtplib.SMTP(host, int(port), timeout=TIMEOUT_S)
            with relay:
                if self._at.encryption == "starttls":
                    relay.starttls(context=context)
                if self._at.user:
                    relay.login(self._at.user, self._password)
                relay.send_message(made)
        except smtplib.SMTPRecipientsRefused as error:
            raise NotCarried("the relay does not take its address", for_good=True) from error
        except smtplib.SMTPResponseException as error:
            lasting = 500 <= error.smtp_code < 600
            raise NotCarried(f"the relay answered {error.smtp_code}", for_good=lasting) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotCarried("the relay cannot be reached") from error
