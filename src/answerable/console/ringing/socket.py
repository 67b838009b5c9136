"""The socket of switchboards in a running centre: who may speak, and what is done of it."""

from __future__ import annotations

import logging

from answerable.console.front import Front
from answerable.console.running import CannotBegin
from answerable.console.sanity import Refused
from answerable.console.tongue import said
from answerable.exchange.lines.server import Behind, Lines
from answerable.kernel.authority import Actor

log = logging.getLogger("answerable.lines")


def lines_of(front: Front) -> Lines:
    """Return the lines of a centre, which may speak by a token of their role."""

    def actor(token: str) -> Actor | None:
        try:
            return front.door.bearers.find(f"Bearer {token}").actor
        except Refused:
            return None

    return Lines(Behind(ask=front.desk.ask, actor=actor, to_send=front.gate.to_send))


async def listening(front: Front, address: str) -> Lines:
    """Open the socket where the settings say; raises CannotBegin where that is not possible."""
    lines = lines_of(front)
    if not address:
        return lines
    try:
        at = await lines.listen(address)
    except (OSError, ValueError) as error:
        raise CannotBegin(
            said(
                "Not started: the lines' socket {address} cannot be opened ({why}). "
                "Choose another with the setting lines, or leave it out.",
                address=address,
                why=error,
            )
        ) from error
    front.hub.subscribe(lambda recorded, _head: lines.committed(recorded))
    log.info("lines may speak", extra={"address": at})
    return lines
