"""The page ``/log``: in plain words, what anybody can check of the record, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.log.service import LogService
from answerable.record.log.notes import encoded
from answerable.record.verify import FOLLOWS

PAGE = "log/log.html"


def page(front: Front, service: LogService, lang: Language, theme: str, address: str) -> str:
    """Return the page; ``address`` is where people reach the centre, with a slash at its end."""
    publisher = service.publisher
    base = front.service.settings.url + "/" if front.service and front.service.settings.url else ""
    url = f"{base or address}log"
    return lang.render(
        PAGE, theme=theme, town_name=front.town.file.title.of(lang.tag),
        other_langs=front.other_languages(lang.tag, "/log"),
        facts=facts(front, service, lang), url=url, vkey=publisher.keys.vkey,
        older=[one.vkey for one in reversed(publisher.keys.keys[:-1])],
        command=f"python3 verify.py {url} --key {publisher.keys.vkey}",
        witnesses=witnesses(service, lang), after=after(publisher.extensions, lang),
    )  # fmt: skip


def after(extensions: Sequence[str], lang: Language) -> str:
    """Return which log this one goes on from, and how much of that one is lost; "" for none."""
    found = next(filter(None, map(FOLLOWS.fullmatch, extensions)), None)
    if found is None:
        return ""
    origin, witnessed, kept = found.groups()
    return lang.say(
        _("This log goes on from {origin}. Outsiders had seen {witnessed} events of that one, and "
          "{kept} were left when an older copy of the record was put back. That, and why, stands "
          "in the record."),
        origin=origin, witnessed=lang.number(int(witnessed)), kept=lang.number(int(kept)),
    )  # fmt: skip


def facts(front: Front, service: LogService, lang: Language) -> list[tuple[str, str]]:
    """Return how far the log has come."""
    latest = service.publisher.latest
    if latest is None:
        return [(lang(_("Events sealed")), "0")]
    return [
        (lang(_("Events sealed")), lang.number(latest.checkpoint.size)),
        (lang(_("Root hash")), encoded(latest.checkpoint.root).decode()),
        (lang(_("Signed")), front.told(latest.at_us)),
        (lang(_("Events witnessed")), lang.number(service.witnessed)),
    ]


def witnesses(service: LogService, lang: Language) -> list[dict[str, Any]]:
    """Return the outsiders who cosign, and how far each has."""
    return [
        {
            "name": one.name, "vkey": one.witness.verifier.vkey,
            "size": lang.number(one.size) if one.size else lang(_("nothing yet")),
        }
        for one in service.asking
    ]  # fmt: skip
