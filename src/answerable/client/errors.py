"""What may go wrong on the way to a centre, each with three sentences for a person."""

from __future__ import annotations


class ClientError(Exception):
    """Something was not done. ``str`` gives the sentences."""


class Refused(ClientError):
    """The centre said no: the code and the three sentences of its refusal, as it said them."""

    def __init__(self, status: int, code: str, not_done: str, because: str, instead: str) -> None:
        """Keep them; ``status`` is that of HTTP."""
        self.status = status
        self.code = code
        self.not_done = not_done
        self.because = because
        self.instead = instead
        super().__init__(f"{not_done} {because} {instead}")


class Unreachable(ClientError):
    """No answer came for as long as the client was told to try. ``key`` is that of the command."""

    def __init__(self, why: str, key: str = "") -> None:
        """Keep why the last try failed."""
        self.why = why
        self.key = key
        known = (
            f"Whether it was recorded is not known. {_sentence(why)} "
            f"Send it again with the same key, {key}."
            if key
            else f"Not read. {_sentence(why)} Try again when the centre answers."
        )
        super().__init__(known)


class NotUnderstood(ClientError):
    """What came back is not what a centre answers: another program, or a proxy's own page."""

    def __init__(self, what: str) -> None:
        """Keep what came."""
        super().__init__(
            f"Not understood. {_sentence(what)} "
            "Check the address; a centre answers there with JSON."
        )


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith(".") else f"{text}."
