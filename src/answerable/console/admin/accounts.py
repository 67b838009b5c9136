"""Accounts: who may sign in, as what, where; one account with what may be done about it.

The list is for finding somebody's account, not for comparing people: it has no figures about
anybody's work, and the last sign-in is told as a day.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from answerable.access import words as access
from answerable.access.crew_words import GiveUnits, UnitsGiven
from answerable.access.state import INVITED_DAYS_MAX, Account, State
from answerable.console.admin import labels
from answerable.console.admin.asks import Ask, Box, areas_box, reason
from answerable.console.admin.office import Office, only, unknown
from answerable.console.language import Language, _
from answerable.console.session import Session
from answerable.kernel.authority import Holder
from answerable.kernel.event import Command, Event

HANDLE = "[a-z0-9][a-z0-9._\\-]{1,47}"
STATES: dict[str, str] = {
    "waiting": _("waits for its password"), "ready": _("may sign in"), "locked": _("locked"),
    "closed": _("is closed"),
}  # fmt: skip
SORTS: tuple[tuple[str, str], ...] = (
    ("account", _("Account")), ("role", _("Role")), ("state", _("State")),
    ("seen", _("Last sign-in")),
)  # fmt: skip
TOLD: tuple[type[Event], ...] = (
    access.AccountOpened, access.AccountInvited, access.PasswordSet, access.SecondFactorSet,
    access.SecondFactorRemoved, access.RoleChanged, access.AccountClosed, access.AccountReopened,
    access.AccountLocked, access.AccountReleased, UnitsGiven,
)  # fmt: skip
"""What an account's page tells of its past: what was done to the account, not when it was used."""
TOLD_MAX = 60


def state_of(office: Office) -> State:
    """Return the state of the room of accounts."""
    state: State = office.front.hub.state["access"]
    return state


def roles_for(office: Office, holder: Holder, lang: Language) -> list[tuple[str, str]]:
    """Return the roles that a sort of holder may be given, with what they are called."""
    names = office.front.hub.rooms.authority.roles_for(holder)
    return [(name, labels.role(lang, name)) for name in names]


# -- the list --------------------------------------------------------------------------------


def listed(office: Office, lang: Language, query: dict[str, str]) -> dict[str, Any]:
    """Return the list as the address asks for it: filtered by words, role, state; sorted."""
    accounts = state_of(office).accounts.values()
    chosen = [one for one in accounts if _fits(one, query)]
    sort = query.get("sort", "account")
    down = query.get("down") == "1"
    keys = {"role": lambda a: lang.key(labels.role(lang, a.role)),
            "state": lambda a: lang.key(lang(STATES.get(a.state, a.state))),
            "seen": lambda a: a.seen_us}  # fmt: skip
    chosen.sort(key=lambda one: lang.key(one.account))
    if sort in keys:
        chosen.sort(key=keys[sort], reverse=down)
    elif down:
        chosen.reverse()
    return {
        "rows": [row(office, lang, one) for one in chosen],
        "all": len(accounts),
        "heads": list(_heads(lang, query, sort, down)),
        "query": {"q": query.get("q", ""), "role": query.get("role", ""),
                  "state": query.get("state", "")},
        "roles": roles_for(office, Holder.ACCOUNT, lang),
        "states": [(name, lang(label)) for name, label in STATES.items()],
    }  # fmt: skip


def _fits(account: Account, query: dict[str, str]) -> bool:
    words = query.get("q", "").strip().lower()
    return (
        words in account.account
        and query.get("role", "") in ("", account.role)
        and query.get("state", "") in ("", account.state)
    )


def _heads(
    lang: Language, query: dict[str, str], sort: str, down: bool
) -> Iterator[tuple[str, str, str]]:
    """Yield (label, address that sorts by it, "ascending", "descending" or "") of the columns."""
    kept = {name: query[name] for name in ("q", "role", "state") if query.get(name)}
    for name, label in SORTS:
        here = name == sort
        asked = {**kept, "sort": name, **({"down": "1"} if here and not down else {})}
        order = ("descending" if down else "ascending") if here else ""
        yield lang(label), "?" + query_text(asked), order


def query_text(asked: dict[str, str]) -> str:
    """Return the words of an address."""
    return urlencode(asked)


def row(office: Office, lang: Language, account: Account) -> dict[str, Any]:
    """Return an account as its row shows it."""
    phrases = office.phrases(lang)
    return {
        "name": account.account,
        "href": f"/admin/accounts/{account.account}",
        "role": labels.role(lang, account.role),
        "areas": lang.join(account.areas),
        "state": lang(STATES.get(account.state, account.state)),
        "is": account.state,
        "second": bool(account.second),
        "seen": phrases.day(account.seen_us) if account.seen_us else "",
        "until": phrases.clock(account.locked_until_us) if account.state == "locked" else "",
    }


# -- one account -----------------------------------------------------------------------------


def one(office: Office, session: Session, lang: Language, name: str) -> dict[str, Any]:
    """Return one account with its past and what may be done. Raises Refused (404)."""
    account = state_of(office).accounts.get(name)
    if account is None:
        raise unknown(lang(_("account")), name)
    own = session.actor.name == name
    phrases = office.phrases(lang)
    return {
        "row": row(office, lang, account),
        "own": own,
        "facts": list(_facts(office, lang, account)),
        "asks": [] if own else asks(office, session, lang, account),
        "past": [
            {
                "day": phrases.day(told.happened_at), "time": phrases.clock(told.happened_at),
                "said": office.sentence(told, session, lang), "actor": lang(told.actor),
            }
            for told in _past(office, name)
        ],
    }  # fmt: skip


def _past(office: Office, name: str) -> list[Any]:
    tags = {event.tag for event in TOLD}
    rows = [r for r in office.front.hub.store.stream(f"account:{name}") if r.kind in tags]
    return rows[-TOLD_MAX:]


def _facts(office: Office, lang: Language, account: Account) -> Iterator[tuple[str, str]]:
    phrases = office.phrases(lang)
    yield lang(_("Role")), labels.role(lang, account.role)
    yield lang(_("Areas")), lang.join(account.areas) or lang(_("everywhere"))
    if office.front.hub.rooms.authority.bound_to_unit(account.role):
        yield lang(_("Units")), lang.join(account.units) or lang(_("none"))
    state = lang(STATES.get(account.state, account.state))
    if account.state == "locked":
        until = phrases.clock(account.locked_until_us)
        state = lang.say(_("locked until {time}"), time=until)
    yield lang(_("State")), state
    ways = {True: _("at the provider"), False: _("by password")}
    way = lang(ways[account.provider])
    yield lang(_("Signs in")), f"{way} · {account.subject}" if account.subject else way
    yield lang(_("Second factor")), lang(_("yes")) if account.second else lang(_("no"))
    if account.invited_until_us > office.front.now_us() and account.invitation:
        yield lang(_("One-time link until")), _instant(office, lang, account.invited_until_us)
    seen = phrases.day(account.seen_us) if account.seen_us else lang(_("never"))
    yield lang(_("Last sign-in")), seen
    yield lang(_("Opened")), phrases.day(account.opened_us)


def _instant(office: Office, lang: Language, at_us: int) -> str:
    phrases = office.phrases(lang)
    return f"{phrases.day(at_us)} {phrases.clock(at_us)}"


def opening(office: Office, lang: Language) -> Ask:
    """Return the form that opens an account and makes its one-time link."""
    return Ask(
        "/admin/accounts", lang(_("Open an account")),
        lang(_("The account can sign in once its one-time link has been used to set a password. "
               "The link is shown once, here; hand it over by a way you trust.")),
        (
            Box("account", lang(_("Account")), pattern=HANDLE, max=48,
                hint=lang(_("Small letters, digits, dot, dash: li.na"))),
            Box("role", lang(_("Role")), "choice",
                choices=roles_for(office, Holder.ACCOUNT, lang)),
            Box("days", lang(_("Link counts for days")), "days", "3", max=INVITED_DAYS_MAX),
            Box("subject", lang(_("Only if they sign in at the provider: their name there")),
                required=False),
            *areas_box(office.front, lang),
        ),
        first=True, keep=True,
    )  # fmt: skip


def asks(office: Office, session: Session, lang: Language, account: Account) -> list[Ask]:
    """Return what may be done about somebody else's account, as its life and one's rights allow."""
    life = office.front.steps("access", "account")

    def may(command: type[Command], event: type[Event]) -> bool:
        return office.may(session, command) and life.allows(account.state, event)

    return only(
        _invite(lang, account) if may(access.InviteAccount, access.AccountInvited) else None,
        _release(lang, account) if may(access.ReleaseAccount, access.AccountReleased) else None,
        _change(office, lang, account) if may(access.ChangeRole, access.RoleChanged) else None,
        _give_units(lang, account)
        if office.front.hub.rooms.authority.bound_to_unit(account.role)
        and may(GiveUnits, UnitsGiven)
        else None,
        _sign_out(lang, account)
        if account.sessions and may(access.SignOutEverywhere, access.SignedOutEverywhere)
        else None,
        _unfactor(lang, account)
        if account.second and may(access.RemoveSecondFactor, access.SecondFactorRemoved)
        else None,
        _close(lang, account) if may(access.CloseAccount, access.AccountClosed) else None,
        _reopen(lang, account) if may(access.ReopenAccount, access.AccountReopened) else None,
    )


def _simple(
    command: type[Command], account: Account, label: str, effect: str, *boxes: Box,
    first: bool = False,
) -> Ask:  # fmt: skip
    fixed = {"type": command.tag, "account": account.account}
    return Ask("/admin/accounts/do", label, effect, boxes, fixed, first)


def _invite(lang: Language, account: Account) -> Ask:
    replaced = _("An earlier link is worth nothing then.") if account.invitation else ""
    effect = _("Makes a one-time link to set a password, for a new or a forgotten one. "
               "Whoever uses it ends all open sessions of the account.")  # fmt: skip
    days = Box("days", lang(_("Link counts for days")), "days", "3", max=INVITED_DAYS_MAX)
    return Ask(
        "/admin/accounts/invite", lang(_("Make a one-time link")),
        " ".join(lang(text) for text in (effect, replaced) if text), (days,),
        {"account": account.account}, first=account.state == "waiting", keep=True,
    )  # fmt: skip


def _ends(lang: Language, account: Account) -> str:
    """Return what becomes of an account's open sessions."""
    if not account.sessions:
        return lang(_("It has no open session."))
    count = len(account.sessions)
    text = lang.plural(_("Its open session ends."), _("Its {count} open sessions end."), count)
    return text.replace("{count}", str(count))


def _change(office: Office, lang: Language, account: Account) -> Ask:
    effect = lang(_("From then on it acts in that role and those areas only."))
    return _simple(
        access.ChangeRole, account, lang(_("Change role or areas")),
        f"{effect} {_ends(lang, account)}",
        Box("role", lang(_("Role")), "choice", account.role,
            roles_for(office, Holder.ACCOUNT, lang)),
        *areas_box(office.front, lang, account.areas),
        reason(lang),
    )  # fmt: skip


def _give_units(lang: Language, account: Account) -> Ask:
    effect = _("It may act for these units and for no other. Whoever signs in chooses one of them.")
    return _simple(
        GiveUnits, account, lang(_("Give it units")), lang(effect),
        Box("units", lang(_("Units, with spaces between")), value=" ".join(account.units),
            required=False, max=2000, hint=lang(_("As E03 T03; empty: none"))),
        first=not account.units,
    )  # fmt: skip


def _sign_out(lang: Language, account: Account) -> Ask:
    effect = lang(_("They may sign in again at once; close the account to prevent that."))
    return _simple(
        access.SignOutEverywhere, account, lang(_("Sign out everywhere")),
        f"{_ends(lang, account)} {effect}",
    )  # fmt: skip


def _unfactor(lang: Language, account: Account) -> Ask:
    effect = _("The password alone is asked for then, until they add a second factor again. "
               "Make sure that it is really they who ask.")  # fmt: skip
    return _simple(
        access.RemoveSecondFactor, account, lang(_("Remove the second factor")), lang(effect),
        reason(lang),
    )  # fmt: skip


def _close(lang: Language, account: Account) -> Ask:
    effect = _("Nobody can sign in to it any more. What it did stays in the record. "
               "It can be opened again.")  # fmt: skip
    return _simple(
        access.CloseAccount, account, lang(_("Close the account")),
        f"{_ends(lang, account)} {lang(effect)}", reason(lang),
    )  # fmt: skip


def _reopen(lang: Language, account: Account) -> Ask:
    effect = _("It waits for a new password then: make a one-time link for it afterwards.")
    return _simple(
        access.ReopenAccount, account, lang(_("Open it again")), lang(effect), reason(lang),
        first=True,
    )  # fmt: skip


def _release(lang: Language, account: Account) -> Ask:
    effect = _("It may try to sign in at once. The failed attempts are counted anew.")
    return _simple(
        access.ReleaseAccount, account, lang(_("Release the lock")), lang(effect), reason(lang),
        first=True,
    )  # fmt: skip
