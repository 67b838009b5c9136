"""The pages of problems: the list, one of them, and a figure counted again."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any, NamedTuple

from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.pages import Pages
from answerable.console.phrases import Phrases, place
from answerable.console.problems import shown, surroundings
from answerable.console.problems.shown import HERE
from answerable.console.referring.beside import beside_of
from answerable.console.referring.subject import of_problem
from answerable.console.session import Session
from answerable.kernel.event import Command, Event
from answerable.matters import problem_sums as sums
from answerable.matters import problem_words as w
from answerable.matters.problem_state import PROBLEM, Problem

PAGE = "problems"
CALLS_MAX = 500


class Query(NamedTuple):
    """A figure of a report: which one, of which days, as the record stood where."""

    of: str
    first: datetime.date
    last: datetime.date
    at: int


ACTS: dict[str, tuple[type[Command], type[Event]]] = {
    "take": (w.TakeProblem, w.ProblemTaken),
    "plan": (w.PlanProblem, w.ProblemPlanned),
    "add": (w.AddStep, w.StepAdded),
    "done": (w.DoneStep, w.StepDone),
    "drop": (w.DropStep, w.StepDropped),
    "redo": (w.RedoStep, w.StepTakenUp),
    "note": (w.NoteProblem, w.ProblemNoted),
    "read": (w.ReadNotes, w.NotesRead),
    "join": (w.JoinAgency, w.AgencyJoined),
    "leave": (w.LeaveAgency, w.AgencyLeft),
    "review": (w.ReviewProblem, w.ProblemReviewed),
    "claim": (w.ClaimStopped, w.StopClaimed),
    "refuse": (w.DeclineStop, w.StopDeclined),
    "watch": (w.WatchProblem, w.ProblemWatched),
    "reopen": (w.ReopenProblem, w.ProblemReopened),
    "decline": (w.DeclineProblem, w.ProblemDeclined),
    "open": (w.OpenProblem, w.ProblemOpened),
}
"""What a form of these pages may ask for: the command, and the step it stands for."""
EVENTS_OF: dict[str, tuple[type[Event], ...]] = {
    "done": (w.StepDone, w.StepTakenUp), "notes": (w.ProblemNoted,),
    "open_steps": (w.StepEvent,), "late": (w.StepEvent,),
}  # fmt: skip
"""The events that a figure of a report is counted from."""


class Problems:
    """Makes the pages."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.front: Front = pages.front

    def problem(self, name: str) -> Problem:
        """Return a problem. Raises Refused (404)."""
        return shown.problem_of(self.front, name)

    def _frame(
        self, session: Session, lang: Language, theme: str, here: str
    ) -> tuple[dict[str, Any], Phrases]:
        frame = self.pages.frame(PAGE, session, lang, theme, here, f"{PAGE}/{lang.tag}")
        return frame, self.front.phrases(lang.tag)

    def may(self, session: Session, problem: Problem | None = None) -> set[str]:
        """Return the acts that a role may do, in the state a problem is in."""
        rights, role = self.front.hub.rooms.authority, session.actor.role
        state = problem.state if problem else PROBLEM.first
        return {
            name
            for name, (command, step) in ACTS.items()
            if rights.may_do(role, command.tag) and PROBLEM.allows(state, step)
        }

    # -- the list ----------------------------------------------------------------------------

    def listed(self, session: Session, lang: Language, theme: str, *, over: bool) -> str:
        """Return the list: what goes on, or what is over."""
        here = f"{HERE}?show=over" if over else HERE
        frame, phrases = self._frame(session, lang, theme, here)
        found = shown.listed(self.front, phrases, over=over)
        problems = self.front.hub.state["matters"].problems
        repeats = self.front.hub.rooms.authority.may_open(session.actor.role, "repeats")
        return lang.render(
            "problems/list.html",
            **frame,
            problems=found,
            over=over,
            others=len(problems) - len(found),
            may=self.may(session),
            repeats=repeats,
            causes=[(code, lang(words)) for code, words in shown.CAUSES.items()],
            kinds=sorted(
                ((kind.code, kind.title.of(lang.tag)) for kind in self.front.town.file.kinds),
                key=lambda kind: lang.key(kind[1]),
            ),
        )

    # -- one problem -------------------------------------------------------------------------

    async def one(self, session: Session, lang: Language, theme: str, name: str) -> str:
        """Return the page of one problem. Raises Refused (404)."""
        problem, front = self.problem(name), self.front
        frame, phrases = self._frame(session, lang, theme, f"{HERE}/{name}")
        await asyncio.to_thread(surroundings.streets, front.centre.places.folder)
        rows = shown.rows_of(front, name)
        agencies = [(a.code, a.title.of(lang.tag)) for a in front.town.file.agencies]
        return lang.render(
            "problems/one.html",
            **frame,
            p=shown.head(front, problem, rows, phrases),
            may=self.may(session, problem),
            steps=shown.steps(front, problem, phrases),
            test=shown.test(front, problem, phrases),
            watch=shown.watch(front, problem, phrases),
            chart=shown.chart(front, problem, rows, phrases),
            around=shown.around(front, problem, phrases),
            attribution=" · ".join(front.town.file.attribution),
            reports=shown.reports(problem, rows, phrases),
            notes=shown.notes(front, problem, rows, session.actor, phrases),
            story=shown.story(
                front, rows, session.actor.role, phrases, problem.reads.get(session.actor.name, 0)
            ),
            referring=beside_of(
                front,
                of_problem(problem),
                phrases,
                session.actor.role,
                over=problem.state in PROBLEM.last,
            ),
            owners=shown.owners(front, lang),
            own=problem.owner,
            asked=problem.asked,
            joining=[one for one in agencies if one[0] not in problem.agencies],
            decisions=[(d.value, lang(words)) for d, words in shown.DECISIONS.items()],
            today=sums.day_of(front.town, front.now_us()).isoformat(),
            claimed_by_me=problem.claimed_by == session.actor.name,
        )

    # -- a figure, counted again -------------------------------------------------------------

    def figure(self, session: Session, lang: Language, theme: str, name: str, query: Query) -> str:
        """Return what a figure of a report was counted from. Raises Refused (404)."""
        problem, days = self.problem(name), f"from={query.first}&to={query.last}"
        here = f"{HERE}/{name}/figure?of={query.of}&{days}&at={query.at}"
        frame, phrases = self._frame(session, lang, theme, here)
        label = dict(shown.FIGURES)[query.of]
        return lang.render(
            "problems/figure.html",
            **frame,
            problem=name,
            place=place(problem.place),
            label=lang(label),
            days=lang.days(query.first, query.last),
            at=lang.number(query.at),
            kinds=shown.kinds(problem, phrases),
            **self._counted(problem, query, session.actor.role, phrases),
        )

    def _counted(
        self, problem: Problem, query: Query, role: str, phrases: Phrases
    ) -> dict[str, Any]:
        """Return the figure counted from the record as it stood, and what it was counted from."""
        if query.of in ("calls", "before"):
            return self._calls(problem, query, phrases)
        if query.of == "expected":
            return self._expected(problem, query, phrases)
        return self._events(problem, query, role, phrases)

    def _calls(self, problem: Problem, query: Query, phrases: Phrases) -> dict[str, Any]:
        first, last = query.first, query.last
        if query.of == "before":
            days = (last - first).days + 1
            first, last = first - days * sums.DAY, last - days * sums.DAY
        town, lang = self.front.town, phrases.lang
        found = [
            (incident, call)
            for incident, call in problem.calls.items()
            if problem.counts(call) and call.position <= query.at
            and first <= sums.day_of(town, call.at_us) <= last
        ]  # fmt: skip
        total = sum(sums.per_day(problem, town, sums.days_between(first, last)))
        now = sum(
            1 for c in problem.calls.values()
            if problem.counts(c) and first <= sums.day_of(town, c.at_us) <= last
        )  # fmt: skip
        return {
            "sort": "calls",
            "total": lang.number(total - now + len(found)),
            "earlier": lang.number(total - now) if total > now else "",
            "gone": not problem.calls and bool(problem.watch_end_us),
            "listed": [
                {
                    "incident": incident,
                    "kind": phrases.kind(call.kind),
                    "at": f"{phrases.day(call.at_us)} {phrases.clock(call.at_us)}",
                    "position": lang.number(call.position),
                }
                for incident, call in found[-CALLS_MAX:]
            ],
        }

    def _expected(self, problem: Problem, query: Query, phrases: Phrases) -> dict[str, Any]:
        lang, usual = phrases.lang, sums.usual(problem)
        days = sums.days_between(query.first, query.last)
        told = [(day, usual.on(day)) for day in days] if usual else []
        return {
            "sort": "expected",
            "total": lang.number(round(sum(value for _day, value in told), 1)),
            "learnt": lang.say(
                _("{calls} calls in {days} days from {first} on, {level} a day."),
                calls=lang.number(usual.seen), days=lang.number(usual.days),
                first=lang.day(datetime.date.fromisoformat(problem.history_first)),
                level=lang.number(round(usual.level, 2)),
            ) if usual else "",
            "listed": [(lang.day(day), lang.number(round(value, 2))) for day, value in told],
        }  # fmt: skip

    def _events(
        self, problem: Problem, query: Query, role: str, phrases: Phrases
    ) -> dict[str, Any]:
        """Return the events of the problem's stream that a figure was counted from."""
        town = self.front.town
        wanted = EVENTS_OF[query.of]
        rows = [
            (row, event)
            for row, event in shown.rows_of(self.front, problem.problem)
            if row.position <= query.at and isinstance(event, wanted)
        ]
        if query.of in ("done", "notes"):
            days = (query.first, query.last)
            rows = [r for r in rows if days[0] <= sums.day_of(town, r[0].happened_at) <= days[1]]
        return {
            "sort": "events",
            "total": "",
            "listed": shown.story(self.front, rows, role, phrases),
        }
