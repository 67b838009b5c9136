"""What a start has to record of how the record came to be where it is: that it was put back."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from answerable.keeping.words import NoteRestore
from answerable.kernel.authority import SYSTEM
from answerable.kernel.hub import Accepted, Hub
from answerable.record.backup.restore import RESTORED_FILE, forget_note, read_note

log = logging.getLogger("answerable.keeping")


def note_restored(hub: Hub, data: Path) -> None:
    """Record that this record was restored, if its folder says so and no start has done it yet.

    The note is taken away only once the event is durable; its key keeps a crash between the two
    from recording it twice. Raises CannotRecord or CommitFailed.
    """
    try:
        note = read_note(data)
    except (OSError, msgspec.DecodeError) as error:
        log.error("%s cannot be read: %s", data / RESTORED_FILE, type(error).__name__)
        return
    if note is None:
        return
    outcome = hub.do(
        NoteRestore(
            key=f"restore:{note.id}", size=note.size, root=note.root, backup=note.backup,
            made=note.made_us, known=note.known, known_by=note.known_by,
        ),
        SYSTEM,
    )  # fmt: skip
    if not isinstance(outcome, Accepted):
        log.error("the restore was not recorded: %s", outcome)
        return
    hub.commit()
    forget_note(data)
