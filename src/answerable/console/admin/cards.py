"""Run cards as people read them: who is sent to what, editions, and what a change would change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from answerable.console.admin import beside
from answerable.console.admin.asks import Ask, Box, reason
from answerable.console.admin.office import Office
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases
from answerable.console.session import Session
from answerable.kernel.event import Row
from answerable.towns import words as towns
from answerable.towns.model import Need, RunCard
from answerable.towns.rules import Edition, State, digest_of, faults_of
from answerable.towns.sending import Sending

EDITIONS_SHOWN = 24
PARTS = (
    _("kind"), _("priority"), _("type of unit"), _("edition"), _("area"), _("station"),
    _("battalion"), _("neighborhood"),
)  # fmt: skip
"""What a refusal about run cards may name."""


def state_of(office: Office) -> State:
    """Return the state of the room of towns."""
    state: State = office.front.hub.state["towns"]
    return state


# -- a card in words -------------------------------------------------------------------------


def need_text(need: Need, phrases: Phrases) -> str:
    """Return one need: 2 × Engine or Truck (ALS)."""
    types = phrases.lang(_(" or ")).join(phrases.unit_type(code) for code in need.types)
    skills = f" ({' '.join(need.skills)})" if need.skills else ""
    return f"{need.count} × {types}{skills}"


def sends(card: RunCard, phrases: Phrases) -> str:
    """Return whom a card sends, and what each higher alarm level sends besides."""
    lang = phrases.lang
    text = lang.join(need_text(need, phrases) for need in card.needs) or lang(_("nobody"))
    for alarm in card.alarms:
        adds = lang.join(need_text(need, phrases) for need in alarm.adds)
        text += lang.say(_("; alarm {level}: {adds} more"), level=alarm.level, adds=adds)
    return text


def row(card: RunCard, phrases: Phrases) -> dict[str, str]:
    """Return a card as its row shows it."""
    lang = phrases.lang
    return {
        "code": card.code,
        "kinds": lang.join(phrases.kind(kind) for kind in card.kinds) or lang(_("any kind")),
        "priorities": lang.join(card.priorities) or lang(_("any")),
        "areas": lang.join(card.areas),
        "sends": sends(card, phrases),
    }


def line(card: RunCard, phrases: Phrases) -> str:
    """Return a card on one line."""
    told = row(card, phrases)
    any_priority = not card.priorities
    priorities = "" if any_priority else f" [{told['priorities']}]"
    areas = f" ({told['areas']})" if card.areas else ""
    return f"{told['kinds']}{priorities}{areas}: {told['sends']}"


def difference(
    now: tuple[RunCard, ...], then: tuple[RunCard, ...], phrases: Phrases
) -> Iterator[dict[str, str]]:
    """Yield every card that would be new, changed, gone, or asked in another order."""
    lang = phrases.lang
    before = {card.code: card for card in now}
    after = {card.code: card for card in then}
    for card in then:
        old = before.get(card.code)
        if old is None:
            yield {"code": card.code, "how": lang(_("new")), "was": "", "is": line(card, phrases)}
        elif old != card:
            yield {"code": card.code, "how": lang(_("changed")), "was": line(old, phrases),
                   "is": line(card, phrases)}  # fmt: skip
    for card in now:
        if card.code not in after:
            yield {"code": card.code, "how": lang(_("gone")), "was": line(card, phrases), "is": ""}
    order_now = [card.code for card in now if card.code in after]
    order_then = [card.code for card in then if card.code in before]
    if order_now != order_then:
        yield {"code": "–", "how": lang(_("order")), "was": lang.join(order_now),
               "is": lang.join(order_then)}  # fmt: skip


# -- editions --------------------------------------------------------------------------------


def editions(office: Office, session: Session, lang: Language) -> list[dict[str, Any]]:
    """Return the editions, the newest first, with the form that withdraws a planned one."""
    state, now_us = state_of(office), office.front.now_us()
    held = state.held_at(now_us)
    planned = {edition.edition for edition in state.planned(now_us)}
    withdrawn: dict[int, str] = {}
    found: list[tuple[Row, towns.RunCardsAdopted]] = []
    for told in office.front.hub.store.stream("towns"):
        event = office.front.hub.rooms.decode(told)
        if isinstance(event, towns.RunCardsAdopted):
            found.append((told, event))
        elif isinstance(event, towns.RunCardsWithdrawn):
            withdrawn[event.edition] = event.reason
    rows = []
    for told, event in reversed(found[-EDITIONS_SHOWN:]):
        state_text = _("held before")
        if event.edition in withdrawn:
            state_text = _("withdrawn")
        elif event.edition in planned and (held is None or held.edition != event.edition):
            state_text = _("planned")
        elif held is not None and held.edition == event.edition:
            state_text = _("holds")
        rows.append(_edition(office, session, lang, told, event, state_text))
    return rows


def _edition(
    office: Office, session: Session, lang: Language, told: Row,
    event: towns.RunCardsAdopted, state_text: str,
) -> dict[str, Any]:  # fmt: skip
    phrases = office.phrases(lang)
    may = state_text == "planned" and office.may(session, towns.WithdrawRunCards)
    return {
        "edition": event.edition,
        "from": f"{phrases.day(event.from_us)} {phrases.clock(event.from_us)}",
        "cards": len(event.cards),
        "digest": event.digest[:12],
        "by": lang(told.actor),
        "reason": lang(event.reason),
        "state": lang(state_text),
        "is": {"holds": "well", "planned": "waits"}.get(state_text, "over"),
        "href": f"/admin/town?edition={event.edition}",
        "withdraw": _withdraw(lang, event.edition) if may else None,
    }


def _withdraw(lang: Language, edition: int) -> Ask:
    effect = _("These cards will not hold; those that hold now go on.")
    return Ask(
        "/admin/town/do", lang(_("Withdraw")), lang(effect), (reason(lang),),
        {"type": towns.WithdrawRunCards.tag, "edition": str(edition)},
    )  # fmt: skip


def edition_of(office: Office, number: str) -> Edition | None:
    """Return an edition by its number, as the record has it; None where there is none."""
    for told in office.front.hub.store.stream("towns"):
        event = office.front.hub.rooms.decode(told)
        if isinstance(event, towns.RunCardsAdopted) and str(event.edition) == number:
            return Edition(
                event.edition, event.digest, event.from_us, told.position, event.cards,
                event.sending,
            )  # fmt: skip
    return None


# -- adopting what lies on the disk ----------------------------------------------------------


def waiting(
    office: Office, lang: Language, cards: tuple[RunCard, ...], sending: Sending
) -> dict[str, Any]:
    """Return how the file's cards and rules differ from those that hold, and what adopts them."""
    phrases, state, now_us = office.phrases(lang), state_of(office), office.front.now_us()
    changes = list(difference(state.cards_at(now_us), cards, phrases))
    changes += beside.difference(state.sending_at(now_us), sending, phrases)
    faults = [phrases.refusal(fault) for fault in faults_of(cards, office.front.town, sending)]
    ask = adopting(office, lang, cards, sending, len(changes)) if changes and not faults else None
    return {"changes": changes, "faults": faults, "ask": ask}


def adopting(
    office: Office, lang: Language, cards: tuple[RunCard, ...], sending: Sending, changes: int
) -> Ask:
    """Return the form that adopts the file's cards from a time on."""
    count = lang.plural(_("One card differs."), _("{count} cards differ."), changes)
    effect = _(
        "Whoever is proposed from then on follows the file's cards, word for word as they stand "
        "now. What was sent stays sent. A plan can be withdrawn until its time."
    )
    zone = office.front.town.zone.key
    return Ask(
        "/admin/town/cards", lang(_("Adopt the file's run cards")),
        f"{count.replace('{count}', str(changes))} {lang(effect)}",
        (
            Box("from", lang(_("From")), required=False, max=32,
                hint=lang.say(_("As 2026-03-01 06:00 ({zone}); empty: at once"), zone=zone)),
            reason(lang),
        ),
        {"digest": digest_of(cards, sending)}, first=True,
    )  # fmt: skip
