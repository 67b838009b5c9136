"""What a dialler is asked, and what it tells: the same words for every adapter.

It is asked to connect the telephone of a desk with a number, and tells how that goes: ``ringing``,
then once ``answered``, ``no answer`` or ``busy``; ``failed`` where it could not even try. The id is
drawn for the one attempt and says nothing about call or caller.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Literal, Protocol

import msgspec

State = Literal["queued", "ringing", "answered", "no answer", "busy", "failed"]
OVER = frozenset({"answered", "no answer", "busy", "failed"})
"""After these nothing further comes of an attempt."""
Why = Annotated[str, msgspec.Meta(max_length=160)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_\-]{8,64}$(?!\n)")]


class NotDialled(Exception):
    """A dialler could not take a request; ``why`` says it in a few words."""

    def __init__(self, why: str) -> None:
        """Keep why."""
        super().__init__(why)
        self.why = why


class Dial(msgspec.Struct, frozen=True, kw_only=True):
    """A request. ``rings_s`` is how long it may ring (seconds) before it is no answer."""

    id: Id
    desk: str
    number: str
    rings_s: int

    def __repr__(self) -> str:
        """Return it without the number: what is logged by mistake tells nobody's."""
        return f"Dial(id={self.id!r}, desk={self.desk!r})"


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a dialler tells of an attempt. ``why`` is for "failed"."""

    id: Id
    state: Literal["ringing", "answered", "no answer", "busy", "failed"]
    why: Why = ""


class Adapter(Protocol):
    """Whatever can dial."""

    def dial(self, asked: Dial) -> AsyncGenerator[Told, None]:
        """Connect, telling how it goes, until it is over. Raises NotDialled."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...


encode = msgspec.json.Encoder().encode
read_told = msgspec.json.Decoder(Told).decode
"""Read what a dialler tells; raises msgspec.DecodeError with a reason."""
