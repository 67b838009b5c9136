"""The table of rights as it is, read both ways: what may this role do, and who may do this.

Read only: rights are a file under review (``authority.toml``), so that no click widens them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from answerable.console.admin import labels
from answerable.console.admin.accounts import state_of
from answerable.console.admin.office import Office
from answerable.console.language import Language, _
from answerable.kernel.authority import Rights


def roles(office: Office) -> dict[str, Rights]:
    """Return the roles of the table, the program's own last."""
    return office.front.hub.rooms.authority.roles


def shown(office: Office, lang: Language, query: dict[str, str]) -> dict[str, Any]:
    """Return the whole table, and the two answers that the address asks for."""
    held = holders(office)
    role, tag = query.get("role", ""), query.get("may", "")
    return {
        "roles": [
            {
                "name": name, "label": labels.role(lang, name), "count": len(held[name]),
                "names": lang.join(held[name]), "chosen": name == role,
                "by": lang.join(lang(labels.HOLDERS[h]) for h in sorted(rights.held_by)),
            }
            for name, rights in roles(office).items()
        ],
        "groups": list(groups(office, lang, tag)),
        "role": one(office, lang, role, held) if role in roles(office) else None,
        "may": whoever(office, lang, tag),
        "tags": [(tag, label) for _room, entries in entries_of(office, lang)
                 for tag, label in entries],
        "asked": {"role": role, "may": tag},
    }  # fmt: skip


def holders(office: Office) -> dict[str, list[str]]:
    """Return who holds each role now: open accounts, valid tokens, hooks; in alphabetical order."""
    state = state_of(office)
    held: dict[str, list[str]] = {name: [] for name in roles(office)}
    now_us = office.front.now_us()
    for account in state.accounts.values():
        if account.state != "closed":
            held.setdefault(account.role, []).append(account.account)
    for token in state.tokens.values():
        if token.state == "valid" and token.until_us > now_us:
            held.setdefault(token.role, []).append(token.token)
    for hook in state.hooks.values():
        if hook.state == "told":
            held.setdefault(hook.role, []).append(hook.hook)
    return {role: sorted(names) for role, names in held.items()}


def entries_of(office: Office, lang: Language) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield every room's name with its commands: (tag, what it is called)."""
    commands = office.front.hub.rooms.commands
    for room, label in labels.ROOMS:
        tags = [tag for tag in commands if tag.startswith(f"{room}.")]
        yield lang(label), [(tag, labels.command(lang, tag)) for tag in tags]


def groups(office: Office, lang: Language, chosen: str) -> Iterator[dict[str, Any]]:
    """Yield the parts of the table: marks, pages, then the commands room by room."""
    rights = list(roles(office).values())

    def part(
        label: str, entries: list[tuple[str, str]], has: Callable[[Rights, str], bool]
    ) -> dict[str, Any]:
        rows = [
            {"tag": tag, "label": text, "chosen": tag == chosen, "ask": "." in tag,
             "cells": [has(one, tag) for one in rights]}
            for tag, text in entries
        ]  # fmt: skip
        return {"label": label, "rows": rows}

    marks = [(mark, lang(text)) for mark, text in labels.MARKS.items()]
    yield part(lang(_("May see")), marks, lambda one, mark: mark in one.sees)
    given = {page for one in rights for page in one.pages}
    pages = [(name, lang(labels.PAGES.get(name, name))) for name in sorted(given)]
    yield part(lang(_("May open")), pages, lambda one, page: page in one.pages)
    for label, entries in entries_of(office, lang):
        yield part(label, entries, lambda one, tag: tag in one.commands)


def one(office: Office, lang: Language, name: str, held: dict[str, list[str]]) -> dict[str, Any]:
    """Return what one role may do, open and see, and who holds it."""
    rights = roles(office)[name]
    commands = [
        {"room": room, "acts": [text for tag, text in entries if tag in rights.commands]}
        for room, entries in entries_of(office, lang)
    ]
    pages = [lang(labels.PAGES.get(page, page)) for page in rights.pages]
    return {
        "label": labels.role(lang, name),
        "held": lang.join(held[name]),
        "by": lang.join(lang(labels.HOLDERS[holder]) for holder in sorted(rights.held_by)),
        "sees": [lang(text) for mark, text in labels.MARKS.items() if mark in rights.sees],
        "pages": sorted(pages, key=lang.key),
        "commands": [part for part in commands if part["acts"]],
    }


def whoever(office: Office, lang: Language, tag: str) -> dict[str, Any] | None:
    """Return who may give a command; None where there is no such command."""
    if tag not in office.front.hub.rooms.commands:
        return None
    held = holders(office)
    return {
        "label": labels.command(lang, tag),
        "tag": tag,
        "roles": [
            (labels.role(lang, name), lang.join(held[name]))
            for name, rights in roles(office).items()
            if tag in rights.commands
        ],
    }
