"""What a witness refuses to begin, and what a log learns when it was not cosigned."""

from __future__ import annotations

from typing import ClassVar


class WitnessRefused(Exception):
    """A witness could not begin, or a key was not taken; three sentences say why and what to do."""

    def __init__(self, not_done: str, because: str, instead: str) -> None:
        super().__init__(f"{not_done} {because} {instead}")
        self.parts = (not_done, because, instead)


class NotCosigned(Exception):
    """A witness did not cosign a checkpoint; ``code`` names how, the words say why."""

    code: ClassVar[str] = "refused"


class NotReached(NotCosigned):
    """It did not answer in time, or with nothing that can be read. Ask again later."""

    code = "not reached"


class UnknownLog(NotCosigned):
    """It does not know this log (404): its keeper must be given the log's key."""

    code = "unknown log"


class UnknownKey(NotCosigned):
    """It knows the log and none of the keys that signed (403)."""

    code = "unknown key"


class KnowsAnother(NotCosigned):
    """It cosigned a checkpoint of ``size`` last, which is not the one it was told of (409)."""

    code = "knows another"

    def __init__(self, size: int) -> None:
        super().__init__(f"it cosigned {size} entries last")
        self.size = size


class Disagrees(NotCosigned):
    """What it saw is not the beginning of this log (409 for the same size, 422)."""

    code = "disagrees"
