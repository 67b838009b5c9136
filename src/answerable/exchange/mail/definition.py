"""How a centre sends mail, and where the replies come in, as its settings name them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Place = Annotated[str, msgspec.Meta(max_length=400)]


class MailAt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The relay that letters go out over, and the folder that replies come into.

    ``relay`` is a host and port; ``sender`` the address letters come from. ``replies`` is the
    folder into which the mail server lays each reply as a file of its own, ending in ``.eml``;
    replies are addressed to ``sender`` with a plus sign and the referral's code before the @.
    """

    relay: Annotated[str, msgspec.Meta(pattern=r"^[^\s:/]{1,253}:[0-9]{1,5}$(?!\n)")]
    sender: Annotated[
        str, msgspec.Meta(pattern=r"^[A-Za-z0-9._\-]{1,64}@[A-Za-z0-9.\-]{1,253}$(?!\n)")
    ]
    encryption: Literal["none", "starttls", "tls"] = "starttls"
    user: Annotated[str, msgspec.Meta(max_length=200)] = ""
    password_file: Place = ""
    replies: Place = ""
