"""The page ``/log``: in plain words, what anybody can check of the record, and how."""

from __future__ import annotations

from typing import Any

from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.log.service import LogService
from answerable.record.log.notes import encoded

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
        witnesses=witnesses(service, lang),
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
