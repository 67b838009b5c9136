"""What a centre has to adopt so that the standards it names hold as they stand on the shelf."""

from __future__ import annotations

from collections.abc import Iterable

from answerable.standards.definition import digest_of
from answerable.standards.shelf import shelf_standard
from answerable.standards.state import State
from answerable.standards.words import AdoptStandard


def adoptions(names: Iterable[str], state: State) -> list[AdoptStandard]:
    """Return the commands that adopt the named standards, leaving out what is in force already.

    Raises BadStandard for a name that is not on the shelf or a file that cannot be used.
    """
    commands = []
    for name in names:
        standard = shelf_standard(name)
        digest = digest_of(standard)
        before = state.standards.get(standard.name)
        if before is None or before.digest != digest:
            edition = before.edition + 1 if before is not None else 1
            key = f"adopt:{name}:{edition}:{digest[:16]}"
            commands.append(AdoptStandard(key=key, definition=standard))
    return commands
