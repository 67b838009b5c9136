"""Tokens: which programs may use the API, as what, and until when."""

from __future__ import annotations

from typing import Any

from answerable.access import words as access
from answerable.access.state import TOKEN_DAYS_MAX, Token
from answerable.console.admin import labels
from answerable.console.admin.accounts import HANDLE, roles_for, state_of
from answerable.console.admin.asks import Ask, Box, areas_box, reason
from answerable.console.admin.office import Office
from answerable.console.language import Language, _
from answerable.console.session import Session
from answerable.kernel.authority import Holder

DAY_US = 86_400_000_000
NAMED = "named"
"""The field that names the token: ``token`` is the secret of the form itself."""
SOON_DAYS = 14
"""So many days before its end a token is shown as ending soon."""


def listed(office: Office, session: Session, lang: Language) -> list[dict[str, Any]]:
    """Return the tokens: valid ones first, the one that ends soonest on top."""
    now_us = office.front.now_us()
    tokens = sorted(
        state_of(office).tokens.values(),
        key=lambda one: (one.state != "valid" or one.until_us <= now_us, one.until_us, one.token),
    )
    return [row(office, session, lang, token) for token in tokens]


def row(office: Office, session: Session, lang: Language, token: Token) -> dict[str, Any]:
    """Return a token as its row shows it, with the form that revokes it."""
    phrases = office.phrases(lang)
    left_us = token.until_us - office.front.now_us()
    state = "revoked" if token.state != "valid" else "over" if left_us <= 0 else "valid"
    if state == "valid" and left_us < SOON_DAYS * DAY_US:
        state = "soon"
    told = {"revoked": _("revoked"), "over": _("has ended"), "soon": _("ends in {days}"),
            "valid": _("ends in {days}")}[state]  # fmt: skip
    days = -(-left_us // DAY_US)
    count = lang.plural(_("{count} day"), _("{count} days"), days).replace("{count}", str(days))
    may = office.may(session, access.RevokeToken) and state in ("valid", "soon")
    return {
        "name": token.token,
        "label": token.label,
        "role": labels.role(lang, token.role),
        "areas": lang.join(token.areas),
        "until": phrases.day(token.until_us),
        "issued": phrases.day(token.issued_us),
        "state": lang.say(told, days=count),
        "is": state,
        "revoke": _revoke(lang, token) if may else None,
    }


def _revoke(lang: Language, token: Token) -> Ask:
    effect = _("The program that uses it is refused from that moment on. It cannot be undone; "
               "issue another one if it was a mistake.")  # fmt: skip
    return Ask(
        "/admin/tokens/do", lang(_("Revoke")), lang(effect), (reason(lang),),
        {"type": access.RevokeToken.tag, NAMED: token.token},
    )  # fmt: skip


def issuing(office: Office, lang: Language) -> Ask:
    """Return the form that issues a token."""
    return Ask(
        "/admin/tokens", lang(_("Issue a token")),
        lang(_("The token is shown once, here. The record keeps only its digest, so nobody can "
               "look it up later. Give each program one of its own.")),
        (
            Box("name", lang(_("Token")), pattern=HANDLE, max=48,
                hint=lang(_("A short name for the record: wall-display"))),
            Box("label", lang(_("Which program")), max=80),
            Box("role", lang(_("Role")), "choice", choices=roles_for(office, Holder.TOKEN, lang)),
            Box("days", lang(_("Counts for days")), "days", "90", max=TOKEN_DAYS_MAX),
            *areas_box(office.front, lang),
        ),
        first=True, keep=True,
    )  # fmt: skip
