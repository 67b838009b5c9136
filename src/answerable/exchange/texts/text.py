"""A text to one caller, what comes back of it, and what every adapter can do."""

from __future__ import annotations

from typing import Annotated, Literal, Protocol

import msgspec

Token = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_\-]{16,64}$(?!\n)")]


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text to one caller. ``id`` is a single-use token."""

    id: str
    number: str
    words: str
    lang: str

    def __repr__(self) -> str:
        """Return it without number, token and words: what is logged by mistake tells nothing."""
        return f"Text(lang={self.lang!r})"


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody wrote back. ``id`` is that of the text it answers."""

    id: Token
    words: Annotated[str, msgspec.Meta(max_length=1_600)]

    def __repr__(self) -> str:
        """Return it without what it says."""
        return "Reply()"


class Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a text after it was passed on. ``id`` is that of the text."""

    id: Token
    state: Literal["delivered", "failed"]

    def __repr__(self) -> str:
        """Return it without whose it is."""
        return f"Receipt({self.state})"


class Adapter(Protocol):
    """Whatever can carry a text."""

    async def carry(self, text: Text) -> None:
        """Pass a text on. Raises NotTaken."""
        ...

    async def replies(self) -> list[Reply]:
        """Return what was written back since it was asked last. Raises NotTaken."""
        ...

    async def receipts(self) -> list[Receipt]:
        """Return what has become of texts since it was asked last; asks nobody."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...
