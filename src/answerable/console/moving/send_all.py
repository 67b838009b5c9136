"""Sending everybody the run card names in one press: one command each, in the order shown.

What was sent stays sent whatever becomes of the next; each refusal is told beside its unit. The
keys follow from the one key of the press, so that a press that is repeated sends nobody twice.
"""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from answerable.console import api
from answerable.console.acts import BETWEEN
from answerable.console.forms import FAULT, Forms
from answerable.console.language import Language, _
from answerable.console.sanity import Refused, header, new_key
from answerable.dispatch.words import SendUnit
from answerable.kernel.hub import Accepted, Outcome
from answerable.kernel.hub import Refused as HubRefused

Req = Request[Any, Any, Any]
UNITS_MAX = 24
"""As many as one press sends."""


def wanted(form: dict[str, str]) -> list[tuple[str, str]]:
    """Return the units of a press with their road times as shown. Raises Refused (400)."""
    units, etas = form.get("units", "").split(BETWEEN), form.get("etas", "").split(BETWEEN)
    units = [unit for unit in units if unit]
    if not 0 < len(units) <= UNITS_MAX or len(set(units)) < len(units):
        raise Refused(
            400, "console.BadList", "Nobody was sent.",
            "The press names no units, one of them twice, or more than {most}.",
            "Load the page again and repeat it.", most=UNITS_MAX,
        )  # fmt: skip
    return [(unit, etas[nth] if nth < len(etas) else "") for nth, unit in enumerate(units)]


def refusal_of(forms: Forms, outcome: Outcome, lang: Language) -> dict[str, str] | None:
    """Return the three parts of what was not done, None where it was."""
    if isinstance(outcome, Accepted):
        return None
    if isinstance(outcome, HubRefused):
        return forms.front.phrases(lang.tag).refusal(outcome.refusal)
    return dict(zip(("not_done", "because", "instead"), FAULT.said(lang), strict=True))


async def send_all(forms: Forms, request: Req, lang: Language) -> Response[Any]:
    """Send the units of a press, and tell of each what became of it."""
    session, form = await forms.checked(request)
    api.may_open(forms.front, session, "incident")
    key, incident = form.get("key") or new_key(), form.get("incident", "")
    shown = {"type": SendUnit.tag, "incident": incident, "proposed": form.get("proposed", "")}
    bodies = [
        forms.body({**shown, "unit": unit, "eta_s": eta, "key": f"{key}.{nth}"}, lang)
        for nth, (unit, eta) in enumerate(wanted(form), 1)
    ]
    for body in bodies:  # nobody is sent by a press with a slip in it
        forms.readable(body, lang)
    told = []
    for body in bodies:
        outcome = await forms.ask(session, body, lang)
        told.append({"unit": body["unit"], "refusal": refusal_of(forms, outcome, lang)})
    sent = sum(1 for one in told if one["refusal"] is None)
    if header(request.scope, b"hx-request") != "true" and sent == len(told):
        return Response(b"", status_code=303, headers={"location": f"/incidents/{incident}"})
    text = lang.say(_("{sent} of {all} sent"), sent=lang.number(sent), all=lang.number(len(told)))
    html = lang.render("parts/sent_all.html", text=text, told=told)
    return Response(html, status_code=201 if sent else 409, media_type="text/html")
