"""What a witness refuses to begin, and what a log learns when it was not cosigned."""

from __future__ import annotations

from typing import ClassVar

from answerable.kernel.store import StoreRefusal


class WitnessRefused(StoreRefusal):
    """A witness could not begin, or a key was not taken; three sentences say why and what to do."""

    def __init__(self, not_done: str, because: str, instead: str) -> None:
        super().__init__(f"{not_done} {because} {instead}")
        self.parts = (not_done, because, instead)


class NotCosigned(StoreRefusal):
    """A witness did not cosign a checkpoint; the class names how, three sentences say why."""

    code: ClassVar[str] = "witness.NotCosigned"
    size: int | None = None
    """What it cosigned last, where it said so."""

    def __init__(self, because: str, instead: str) -> None:
        super().__init__(f"Not cosigned. {because} {instead}")


class NotReached(NotCosigned):
    """It did not answer in time, or with nothing that can be read."""

    code = "witness.NotReached"


class UnknownLog(NotCosigned):
    """It does not know this log (404)."""

    code = "witness.UnknownLog"


class NotTrusted(NotCosigned):
    """It knows the log, and none of the keys that signed (403)."""

    code = "witness.NotTrusted"


class KnowsAnother(NotCosigned):
    """It cosigned another size last than the one it was told of (409); ``size`` says which."""

    code = "witness.KnowsAnother"

    def __init__(self, size: int, because: str, instead: str) -> None:
        super().__init__(because, instead)
        self.size = size


class Disagrees(NotCosigned):
    """What it saw is not the beginning of this log (422, or 409 for the same size)."""

    code = "witness.Disagrees"
