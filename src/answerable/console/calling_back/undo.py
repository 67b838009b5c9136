"""The ways back from what is done about a call-back, by the button and by Ctrl Z."""

from __future__ import annotations

from answerable.console.language import _
from answerable.console.undo import MEANWHILE, WHY, Here, NoWay, Way, back_from
from answerable.followup import back_words as w
from answerable.followup.state import Back, State

SETTLED = NoWay(_("The call-back of {call} has gone on meanwhile."), MEANWHILE, {})
UNHAPPY = NoWay(
    _("The caller of {call} was unhappy, and that is being put right."),
    _("Say on the page of what is put right that the answer was a slip."), {},
)  # fmt: skip


def _back(event: w.BackEvent, here: Here) -> Back:
    state: State = here.states["followup"]
    return state.backs.get(event.call, Back())


def _ids(event: w.BackEvent) -> dict[str, str]:
    return {"incident": event.incident, "call": event.call}


@back_from(w.CallBackTaken)
def _taken(event: w.CallBackTaken, here: Here) -> Way | NoWay:
    values = {"call": event.call}
    if not _back(event, here).by:
        return SETTLED._replace(values=values)
    says = _("The caller of {call} is left to the next.")
    return Way(w.LeaveCallBack, _ids(event), says, values)


@back_from(w.CallBackBarred)
def _barred(event: w.CallBackBarred, here: Here) -> Way | NoWay:
    values = {"call": event.call}
    if _back(event, here).state != "barred":
        return SETTLED._replace(values=values)
    says = _("The caller of {call} may be rung after all.")
    return Way(w.AllowCallBack, _ids(event) | {"reason": WHY}, says, values)


@back_from(w.CallBackAnswered)
def _answered(event: w.CallBackAnswered, here: Here) -> Way | NoWay:
    return _recorded(event, here)


@back_from(w.CallBackTried)
def _tried(event: w.CallBackTried, here: Here) -> Way | NoWay:
    return _recorded(event, here)


def _recorded(event: w.BackEvent, here: Here) -> Way | NoWay:
    back, values = _back(event, here), {"call": event.call}
    if not back.last:
        return SETTLED._replace(values=values)
    if back.unhappy:
        return UNHAPPY._replace(values=values)
    says = _("What was recorded of the call-back of {call} is put back; it is to be rung again.")
    return Way(w.TakeBackCallBack, _ids(event) | {"reason": WHY}, says, values)
