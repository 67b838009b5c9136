"""How the service is: the checks a machine reads too, each with what to do, and its figures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from answerable.console.admin.asks import Ask, Box
from answerable.console.admin.office import Office
from answerable.console.keep import shown as keeping
from answerable.console.language import Language, _
from answerable.console.serve.check import Check, Found, worst
from answerable.console.serve.health import checks
from answerable.console.session import Session
from answerable.keeping.words import AcknowledgeAlarm

MB = 1024 * 1024
NAMES: dict[str, str] = {
    "record": _("Record"), "disk": _("Disk"), "alarms": _("Alarms"), "clock": _("Clock"),
    "load": _("Load"), "backups": _("Backups"), "key_backups": _("Backups of the keys"),
    "hooks": _("Hooks"), "log": _("Public log"), "provider": _("Provider"), "keyring": _("Keyring"),
    "channels": _("Alerting channels"), "texts": _("Texts to callers"), "dialler": _("Dialler"),
}  # fmt: skip
SIGNS: dict[Found, tuple[str, str]] = {
    Found.WELL: (_("well"), "well"), Found.WATCH: (_("watch"), "waits"),
    Found.UNWELL: (_("not well"), "bad"),
}  # fmt: skip
WHOLE: dict[Found, str] = {
    Found.WELL: _("The service is well."),
    Found.WATCH: _("The service is well; something should be seen to."),
    Found.UNWELL: _("The service is not well."),
}


def shown(office: Office, session: Session, lang: Language) -> dict[str, Any]:
    """Return the checks, the gravest first, the alarms and backups of the record, the figures."""
    found = checks(office.front)
    order = list(Found)
    whole = worst(found)
    rows = [row(lang, one) for one in sorted(found, key=lambda one: -order.index(one.found))]
    return {"rows": rows, "whole": lang(WHOLE[whole]), "is": SIGNS[whole][1],
            "alarms": _alarms(office, session, lang),
            "backups": keeping.section(office.front, lang),
            "figures": list(_figures(office, lang))}  # fmt: skip


def _alarms(office: Office, session: Session, lang: Language) -> list[dict[str, Any]]:
    """Return the alarms about the record that stand, each with its form where the role may."""
    may = office.may(session, AcknowledgeAlarm)
    told = keeping.alarms(office.front, lang)
    return [one | {"ask": _acknowledging(lang, one["alarm"]) if may else None} for one in told]


def _acknowledging(lang: Language, alarm: str) -> Ask:
    return Ask(
        "/admin/health/do", lang(_("Acknowledge")),
        lang(_("The alarm is shown no more until something goes wrong again.")),
        (Box("remark", lang(_("What is being done"))),),
        {"type": AcknowledgeAlarm.tag, "alarm": alarm},
    )  # fmt: skip


def row(lang: Language, check: Check) -> dict[str, str]:
    """Return a check as its row shows it."""
    means, instead = check.said(lang)
    words, sign = SIGNS[check.found]
    name = lang(NAMES.get(check.name, check.name))
    return {"name": name, "found": lang(words), "is": sign, "means": means, "instead": instead}


def _figures(office: Office, lang: Language) -> Iterator[tuple[str, str]]:
    front, phrases = office.front, office.phrases(lang)
    now_us = front.now_us()
    yield lang(_("Recorded")), lang.number(front.recorded)
    yield lang(_("Heard, not recorded")), lang.number(front.hub.waiting)
    yield lang(_("Times opened")), lang.number(front.hub.store.epoch)
    since = front.hub.position - front.centre.saved_at
    yield lang(_("Last snapshot")), lang.say(
        _("at {position}, {since} events ago"),
        position=lang.number(front.centre.saved_at), since=lang.number(since),
    )  # fmt: skip
    path: Path | None = getattr(front.hub.store, "path", None)
    if path is not None:
        size = sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
        yield lang(_("Size of the record")), f"{size / MB:,.1f} MB".replace(",", " ")
        place = os.statvfs(path.parent)
        free, whole = place.f_bavail * place.f_frsize, place.f_blocks * place.f_frsize
        yield lang(_("Free on its disk")), lang.say(
            _("{free} of {whole} GB"), free=f"{free / MB / 1024:.1f}",
            whole=f"{whole / MB / 1024:.1f}",
        )  # fmt: skip
    if (memory := memory_bytes()) is not None:
        yield lang(_("Memory of the program")), f"{memory / MB:.0f} MB"
    yield (
        lang(_("Time of the service")),
        (f"{phrases.day(now_us)} {phrases.clock(now_us)} ({front.town.zone.key})"),
    )


def memory_bytes() -> int | None:
    """Return what this process takes of the machine's memory, None where it cannot be read."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
