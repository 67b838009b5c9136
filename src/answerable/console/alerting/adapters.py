"""The alerting channels as the page of adapters shows them: how each stands, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.exchange.channels.manifest import manifests
from answerable.exchange.channels.switchboard import Standing


def channels(front: Front, lang: Language) -> list[dict[str, Any]]:
    """Return the channels in the order of the settings, with how each stands."""
    return [_row(front, lang, one) for one in front.alerting.switchboard.standing()]


def _row(front: Front, lang: Language, one: Standing) -> dict[str, Any]:
    phrases = front.phrases(lang.tag)
    title = manifests()[one.kind].title
    state, sign = _state(lang, one)
    return {
        "name": one.name,
        "kind": title.get(lang.tag.split("-")[0], title["en"]),
        "address": one.address,
        "waiting": lang.number(one.waiting),
        "carried": lang.number(one.carried),
        "missed": lang.number(one.missed),
        "last": phrases.clock(int(one.carried_s * 1e6)) if one.carried_s else "",
        "since": phrases.clock(int(one.since_s * 1e6)) if one.since_s else "",
        "state": state, "is": sign, "why": lang(one.why),
    }  # fmt: skip


def _state(lang: Language, one: Standing) -> tuple[str, str]:
    if one.down:
        return lang(_("down")), "bad"
    if one.failures:
        return lang(_("fails")), "waits"
    return (lang(_("carries")), "well") if one.carried else (lang(_("not tried yet")), "waits")


def orders(front: Front, lang: Language) -> Iterator[tuple[str, str]]:
    """Yield whom each order of channels is for: every unit, then those with one of their own."""
    alerts = front.alerting.switchboard.alerts
    if alerts.order:
        yield lang(_("every unit")), " → ".join(alerts.order)
    for unit, order in alerts.units.items():
        yield unit, " → ".join(order) or lang(_("none"))
