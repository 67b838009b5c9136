"""Outside connections: programs that bring calls in, and addresses that are told of events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from answerable.access import words as access
from answerable.access.state import Hook, Token
from answerable.console.admin import health, labels
from answerable.console.admin.accounts import roles_for, state_of
from answerable.console.admin.asks import Ask, Box, reason
from answerable.console.admin.office import Office
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.session import Session
from answerable.kernel.authority import Holder
from answerable.kernel.event import Recorded
from answerable.kernel.store import Head

BRINGING = ("line", "importer")
"""Roles whose programs bring calls in."""
ACTING = "token/"
"""What stands before a token's name where the record names who acted."""


class LastHeard:
    """When each program last had something recorded, since this start. One per process."""

    def __init__(self, front: Front) -> None:
        self._at_us: dict[str, int] = {}
        front.hub.subscribe(self.committed)

    def committed(self, recorded: Sequence[Recorded], head: Head) -> None:
        """Note who had the last of a batch recorded; a batch is nearly always of one."""
        row = recorded[-1].row
        if row.actor.startswith(ACTING):
            self._at_us[row.actor.removeprefix(ACTING)] = row.recorded_at

    def at_us(self, token: str) -> int:
        """Return when a token last had something recorded (UTC us), 0 for not since the start."""
        return self._at_us.get(token, 0)


def programs(office: Office, lang: Language, heard: LastHeard) -> list[dict[str, Any]]:
    """Return the programs that may bring calls in, with when they last did."""
    phrases, now_us = office.phrases(lang), office.front.now_us()
    rows = []
    for token in state_of(office).tokens.values():
        if token.role not in BRINGING or token.state != "valid":
            continue
        at_us = heard.at_us(token.token)
        rows.append(
            {
                "name": token.token, "label": token.label,
                "role": labels.role(lang, token.role),
                "last": f"{phrases.day(at_us)} {phrases.clock(at_us)}" if at_us else "",
                **_term(lang, token, now_us),
            }
        )  # fmt: skip
    return rows


def _term(lang: Language, token: Token, now_us: int) -> dict[str, str]:
    if token.until_us <= now_us:
        return {"state": lang(_("its token has ended")), "is": "bad"}
    return {"state": lang(_("may send")), "is": "well"}


def hooks(office: Office, session: Session, lang: Language) -> list[dict[str, Any]]:
    """Return the addresses that are told of events."""
    return [
        hook_row(office, session, lang, hook)
        for hook in state_of(office).hooks.values()
        if hook.state == "told"
    ]


def hook_row(office: Office, session: Session, lang: Language, hook: Hook) -> dict[str, Any]:
    """Return a hook as its row shows it, with the form that removes it."""
    return {
        "name": hook.hook,
        "url": hook.url,
        "role": labels.role(lang, hook.role),
        "kinds": lang.join(hook.kinds) or lang(_("every event the role may see")),
        "remove": _remove(lang, hook) if office.may(session, access.RemoveHook) else None,
    }


def _remove(lang: Language, hook: Hook) -> Ask:
    effect = _("The address is told nothing any more, and its secret is forgotten. "
               "What was not delivered yet is dropped.")  # fmt: skip
    return Ask(
        "/admin/adapters/do", lang(_("Remove")), lang(effect), (reason(lang),),
        {"type": access.RemoveHook.tag, "hook": hook.hook},
    )  # fmt: skip


def registering(office: Office, lang: Language) -> Ask:
    """Return the form that registers a hook."""
    return Ask(
        "/admin/adapters/hooks", lang(_("Register a hook")),
        lang(_("The address is told of every event from now on that the role may see, signed with "
               "a secret that is shown once, here. A slow receiver delays nothing.")),
        (
            Box("hook", lang(_("Hook")), max=64, hint=lang(_("A short name: statistics"))),
            Box("url", lang(_("Address")), max=400, pattern="https?://\\S+",
                hint=lang(_("https://… ; http only inside one's own network"))),
            Box("role", lang(_("Role")), "choice", choices=roles_for(office, Holder.HOOK, lang)),
            Box("kinds", lang(_("Only these events")), required=False, max=2000,
                hint=lang(_("As dispatch.UnitSent intake.IncidentOpened; empty: every event"))),
        ),
        first=True, keep=True,
    )  # fmt: skip


def provider(office: Office, lang: Language) -> dict[str, str] | None:
    """Return how signing in at the OpenID provider does, None where none is set up."""
    found = (check() for check in office.front.checks)
    return next((health.row(lang, one) for one in found if one.name == "provider"), None)


def unknown_kinds(office: Office, kinds: Sequence[str]) -> list[str]:
    """Return those of some kinds of event that this program does not have."""
    return [kind for kind in kinds if kind not in office.front.hub.rooms.events]
