"""How a centre reaches other agencies, as its settings say: keys of their services, the mail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec

from answerable.exchange.mail.definition import MailAt, Place

Agency = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Referring(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How agencies are reached whose way is ``open311`` or ``mail``; links need no setting.

    ``keys`` names, by an agency's code, the file that holds the api_key its service gave this
    centre. ``ask_every_s`` is how often its service is asked how referrals stand.
    """

    keys: dict[Agency, Place] = {}
    mail: MailAt | None = None
    ask_every_s: Annotated[int, msgspec.Meta(ge=5, le=86_400)] = 300


def beside(settings: Referring, folder: Path) -> Referring:
    """Return the settings with their files relative to a folder."""
    keys = {code: str(folder / place) for code, place in settings.keys.items()}
    mail = settings.mail
    if mail is not None:
        places = {
            name: str(folder / place) for name in ("password_file", "replies")
            if (place := getattr(mail, name))
        }  # fmt: skip
        mail = msgspec.structs.replace(mail, **places)
    return msgspec.structs.replace(settings, keys=keys, mail=mail)
