"""The page on which rules are tried on a past day: what is asked, how far, what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.admin import beside, cards
from answerable.console.admin.asks import Ask, Box
from answerable.console.admin.disk import Checker, OnDisk
from answerable.console.admin.office import Office, unknown
from answerable.console.admin.reading import posted
from answerable.console.language import Language, _
from answerable.console.leading import led
from answerable.console.sanity import Refused
from answerable.console.trying.command import SAID, assumed, headed
from answerable.console.trying.own_day import own_day
from answerable.console.trying.past_calls import calls_of
from answerable.console.trying.refusals import NotTried
from answerable.console.trying.trials import Trial, Trials
from answerable.console.trying.worker import Job
from answerable.planning.rehearsal.past import Rules
from answerable.planning.rehearsal.report import Cell, Comparison, Side
from answerable.towns.rules import faults_of

Req = Request[Any, Any, Any]
Look = Callable[[Req], tuple[Language, str]]
LINES_SHOWN = 60
OWN, CALLS = "own", "calls"


def routes(office: Office, look: Look, checker: Checker, trials: Trials) -> list[Any]:
    """Return the routes of the page."""
    front = office.front
    folder = front.centre.places.folder

    def asked(lang: Language, disk: OnDisk) -> dict[str, Any]:
        return {
            "ask": _form(lang, calls=calls_of(folder) is not None),
            "differs": _differs(office, lang, disk),
            "problem": disk.problem,
            "trials": [_told(trial, lang) for trial in trials.listed()],
        }

    @get("/admin/try")
    async def try_page(request: Req) -> Response[Any]:
        """Show what can be tried, and the trials there were."""
        session, (lang, theme) = api.signed_in(front, request.scope), look(request)
        frame = office.frame("try", request, session, lang, theme)
        told = asked(lang, await checker.read())
        return _page(lang.render("admin/try.html", **frame, t=told))

    @post("/admin/try", status_code=201)
    async def begin(request: Req) -> Response[Any]:
        """Begin a trial of the file's rules against those that hold."""
        form = await posted(front, request, "try")
        disk = await checker.read()
        day, source = form.text("day"), form.text("source")
        job = _job(office, disk, day, own=source != CALLS)
        of = _("this centre's own record") if job.day else _("the town's recorded calls")
        trial = trials.begin(job, of, day)
        return led(request, f"/admin/try/{trial.number}")

    @get("/admin/try/{trial:str}", sync_to_thread=False)
    def trial_page(request: Req) -> Response[Any]:
        """Show one trial: how far it is, or what came of it."""
        session, (lang, theme) = api.signed_in(front, request.scope), look(request)
        frame = office.frame("try", request, session, lang, theme)
        told = shown(office, _known(trials, request), lang)
        return _page(lang.render("admin/trial.html", **frame, t=told))

    @get("/admin/try/{trial:str}/state", sync_to_thread=False)
    def trial_state(request: Req) -> Response[Any]:
        """Show how far a trial is, as a part of its page."""
        session, (lang, _theme) = api.signed_in(front, request.scope), look(request)
        api.may_open(front, session, "try")
        told = shown(office, _known(trials, request), lang)
        return _page(lang.render("admin/trial_state.html", t=told))

    return [try_page, begin, trial_page, trial_state]


def _known(trials: Trials, request: Req) -> Trial:
    """Return the trial of an address. Raises Refused (404)."""
    number = request.path_params["trial"]
    trial = trials.get(number)
    if trial is None:
        raise unknown("trial", number)
    return trial


def _page(html: str) -> Response[Any]:
    return Response(html, media_type="text/html")


def _form(lang: Language, *, calls: bool) -> Ask:
    sources = [(OWN, lang(_("this centre's own record")))]
    if calls:
        sources.append((CALLS, lang(_("the town's recorded calls"))))
    return Ask(
        "/admin/try", lang(_("Try them")),
        lang(_("Nothing is recorded and nothing changes: the day is played beside the service.")),
        (
            Box("source", lang(_("Past calls of")), "choice", value=sources[-1][0],
                choices=tuple(sources)),
            Box("day", lang(_("Day")), required=False, max=10,
                hint=lang(_("As 2020-04-03; empty: every day there is"))),
        ),
        first=True,
    )  # fmt: skip


def _differs(office: Office, lang: Language, disk: OnDisk) -> list[dict[str, str]]:
    """Return how the file's cards and rules differ from those that hold."""
    if disk.cards is None:
        return []
    phrases, now_us = office.phrases(lang), office.front.now_us()
    state = cards.state_of(office)
    changes = list(cards.difference(state.cards_at(now_us), disk.cards, phrases))
    return changes + list(beside.difference(state.sending_at(now_us), disk.sending, phrases))


def _job(office: Office, disk: OnDisk, day: str, *, own: bool) -> Job:
    """Return what is to be played. Raises Refused (400, 409) where it cannot be."""
    front, now_us = office.front, office.front.now_us()
    state, days = cards.state_of(office), (day,) if day else ()
    if disk.cards is None:
        raise Refused(
            409, "console.FileUnread", _("Not tried: the rules."),
            _("The town's file cannot be read as it lies on the disk."),
            _("Correct it; the page of the town says what is wrong."),
        )  # fmt: skip
    if fault := next(faults_of(disk.cards, front.town, disk.sending), None):
        values = {key: getattr(fault, key) for key in fault.__struct_fields__}
        raise Refused(
            409, "console.RulesUnfit", _("Not tried: the rules."), fault.because, fault.instead,
            **values,
        )  # fmt: skip
    held = Rules(state.cards_at(now_us), state.sending_at(now_us))
    folder = str(front.centre.places.folder)
    after = Rules(disk.cards, disk.sending)
    if not own:
        return Job(folder, held, after, days=days)
    try:
        played = own_day(front.board, front.town, days, now_us)
    except NotTried as refusal:
        raise Refused(
            400, "console.NothingToTry", _("Not tried: the rules."), refusal.parts[1],
            refusal.parts[2],
        ) from refusal  # fmt: skip
    return Job(folder, held, after, day=played, days=days)


# -- what is shown ---------------------------------------------------------------------------


def _told(trial: Trial, lang: Language) -> dict[str, Any]:
    """Return a trial as a line of the list."""
    ended = trial.ended
    state = _("being played") if ended is None else _("played") if ended.found else _("not tried")
    changed = ended.found.whole.changed if ended and ended.found else None
    return {
        "href": f"/admin/try/{trial.number}", "number": trial.number, "of": lang(trial.of),
        "days": trial.days or lang(_("every day")), "state": lang(state),
        "changed": "" if changed is None else lang.number(changed),
    }  # fmt: skip


def shown(office: Office, trial: Trial, lang: Language) -> dict[str, Any]:
    """Return a trial as its page shows it."""
    told = _told(trial, lang) | {"percent": trial.percent, "refused": None, "found": None}
    if trial.ended is None:
        return told
    if trial.ended.refused:
        told["refused"] = [lang(part) for part in trial.ended.refused]
    if trial.ended.found:
        told["found"] = found(office, trial.ended.found, lang)
    return told


def found(office: Office, one: Comparison, lang: Language) -> dict[str, Any]:
    """Return a comparison in words and numbers of a language."""
    town, phrases = office.front.town, office.phrases(lang)
    rows = [(lang(label), *read(one.whole, lang)) for label, read in SAID]
    if one.counted_by:
        for label, minutes in (
            (_("minutes with cover broken somewhere"), one.any_broken_min),
            (_("minutes with cover broken, all places together"), one.broken_min),
        ):
            was, now = (lang.number(round(each)) for each in minutes)
            rows.append((lang(label), was, now))
    changed = one.changed
    return {
        "said": headed(one, town, lang, len(changed)),
        "assumed": assumed(lang),
        "rows": rows,
        "by_area": [_cell(cell, cell.name, lang) for cell in one.by_area],
        "by_kind": [_cell(cell, phrases.kind(cell.name), lang) for cell in one.by_kind],
        "broken": [
            (each.place, lang.number(round(each.before_min)), lang.number(round(each.after_min)))
            for each in one.broken
        ],
        "lines": [
            {
                "at": f"{town.local(line.opened_us):%m-%d %H:%M}", "incident": line.incident,
                "kind": phrases.kind(line.kind), "area": line.area,
                "recorded": " ".join(line.recorded), "before": " ".join(line.before) or "–",
                "after": " ".join(line.after) or "–",
                "why": lang.join(f"{unit} {lang(why)}" for unit, why in line.why.items()),
            }
            for line in changed[:LINES_SHOWN]
        ],
        "more": max(0, len(changed) - LINES_SHOWN),
    }  # fmt: skip


def _cell(cell: Cell, name: str, lang: Language) -> dict[str, str]:
    def times(side: Side) -> str:
        return "–" if side.first_90_s is None else lang.length(side.first_90_s)

    return {
        "name": name or "–",
        "incidents": lang.number(cell.incidents),
        "changed": lang.number(cell.changed),
        "first_before": times(cell.before),
        "first_after": times(cell.after),
        "missing_before": lang.number(cell.before.missing),
        "missing_after": lang.number(cell.after.missing),
    }
