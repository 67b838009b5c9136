"""What is carried to another agency: a referral as it was cut, and what carries it."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class NotCarried(Exception):
    """A letter was not taken. ``for_good`` says that trying again would change nothing."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        """Keep why."""
        super().__init__(why)
        self.why = why
        self.for_good = for_good


class Letter(NamedTuple):
    """A referral on its way: its number, and what the agency sees in lines of ``lang``.

    Position and address are there once more for a carrier that has places of its own for them,
    where the agency may see them. ``sending`` counts from 1; ``service`` is the agency's code.
    """

    referral: str
    agency: str
    sending: int
    lines: tuple[str, ...]
    lang: str = "en"
    service: str = ""
    address: str = ""
    lon: float | None = None
    lat: float | None = None

    def words(self) -> str:
        """Return the letter in plain lines."""
        return "\n".join(self.lines)


class Heard(NamedTuple):
    """What an agency's own system says of a letter: closed or not, in words, and until when."""

    receipt: str
    closed: bool
    notes: str = ""
    expected_us: int = 0


class Carrier(Protocol):
    """Whatever brings letters to one agency."""

    async def carry(self, letter: Letter) -> str:
        """Bring a letter; returns the receipt. Raises NotCarried."""
        ...

    async def ask(self, receipts: list[str]) -> list[Heard]:
        """Ask how letters stand, by their receipts; [] where nobody can be asked."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
