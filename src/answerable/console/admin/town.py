"""The town's page: its files with digests, what is wrong with them, run cards, standards."""

from __future__ import annotations

from typing import Any

from answerable.console.admin import beside, cards, promises
from answerable.console.admin.disk import OnDisk
from answerable.console.admin.office import Office
from answerable.console.language import Language, _
from answerable.console.session import Session
from answerable.standards.words import AdoptStandard
from answerable.towns import words as towns
from answerable.towns.check import Finding
from answerable.towns.files import PARTS

SEVERITIES: dict[str, tuple[str, str]] = {
    "error": (_("error"), "bad"), "warning": (_("warning"), "waits"), "note": (_("note"), "over"),
}  # fmt: skip
ON_DISK: dict[str, tuple[str, str]] = {
    "same": (_("as read at the start"), "well"),
    "changed": (_("changed since; counts from the next start"), "changed"),
    "new": (_("new; counts from the next start"), "changed"),
    "gone": (_("gone from the disk"), "bad"),
}


def shown(
    office: Office, session: Session, lang: Language, disk: OnDisk, query: dict[str, str]
) -> dict[str, Any]:
    """Return everything the page shows, but for the findings, which take longer."""
    phrases, state = office.phrases(lang), cards.state_of(office)
    number = query.get("edition", "")
    asked = cards.edition_of(office, number) if number.isdecimal() else None
    held = state.held_at(office.front.now_us())
    chosen = asked or held
    may = office.may(session, towns.AdoptRunCards)
    return {
        "files": files(office, lang, disk),
        "problem": disk.problem,
        "edition": chosen.edition if chosen else 0,
        "holds": chosen is held,
        "cards": [cards.row(card, phrases) for card in (chosen.cards if chosen else ())],
        "rules": beside.rows(chosen.sending, phrases) if chosen else [],
        "editions": cards.editions(office, session, lang),
        "waiting": cards.waiting(office, lang, disk.cards, disk.sending)
        if may and disk.cards is not None else None,
        "may_try": office.front.hub.rooms.authority.may_open(session.actor.role, "try"),
        "standards": promises.listed(office, lang),
        "paste": promises.pasting(lang) if office.may(session, AdoptStandard) else None,
    }  # fmt: skip


def files(office: Office, lang: Language, disk: OnDisk) -> list[dict[str, str]]:
    """Return every file that was noted or lies on the disk, with since when it is in force."""
    noted = cards.state_of(office).files
    there = {file.path: file.digest for file in disk.files}
    since = _since(office, lang)
    about = {part.name: part.about for part in PARTS}
    rows = []
    for path in sorted({*noted, *there}):
        how = "same" if noted.get(path) == there.get(path) else "changed"
        how = "new" if path not in noted else "gone" if path not in there else how
        words, sign = ON_DISK[how]
        digest = noted.get(path, there.get(path, ""))
        rows.append(
            {"path": path, "about": lang(about.get(path, "")), "digest": digest[:12],
             "since": since.get(path, ""), "state": lang(words), "is": sign}
        )  # fmt: skip
    return rows


def _since(office: Office, lang: Language) -> dict[str, str]:
    """Return when each file was noted as it is in force now."""
    phrases = office.phrases(lang)
    since: dict[str, str] = {}
    for told in office.front.hub.store.stream("towns"):
        event = office.front.hub.rooms.decode(told)
        if isinstance(event, towns.TownFilesNoted):
            at = f"{phrases.day(told.happened_at)} {phrases.clock(told.happened_at)}"
            since |= dict.fromkeys(event.changed, at)
    return since


def findings(lang: Language, found: list[Finding]) -> dict[str, Any]:
    """Return the findings of the check in a language, the gravest first, and how many of each."""
    order = list(SEVERITIES)
    rows = [
        {
            "severity": lang(SEVERITIES[one.severity][0]), "is": SEVERITIES[one.severity][1],
            "where": one.where,
            **dict(zip(("what", "remedy"), one.said(lang), strict=True)),
        }
        for one in sorted(found, key=lambda one: order.index(one.severity))
    ]  # fmt: skip
    counts = [
        (lang(label), sign, sum(one.severity == severity for one in found))
        for severity, (label, sign) in SEVERITIES.items()
    ]
    return {"rows": rows, "counts": counts}
