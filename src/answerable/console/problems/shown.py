"""Problems as their pages show them: read from the state and the problem's own stream, no rules."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, TypeVar

from babel.dates import format_skeleton

from answerable.console.admin import labels
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases, may_see, place
from answerable.console.problems import surroundings, timeline
from answerable.console.problems.timeline import Mark
from answerable.console.reading import masked
from answerable.console.sanity import Refused
from answerable.kernel.authority import Actor, Holder
from answerable.kernel.event import Event, Row
from answerable.matters import problem_sums as sums
from answerable.matters import problem_words as w
from answerable.matters.problem_looks import LOOK_DAYS
from answerable.matters.problem_state import CLAIMED, DECLINED, ENDED, OPEN, WATCHED, Problem
from answerable.matters.repeats.stopped import ALPHA
from answerable.towns.model import Town

E = TypeVar("E", bound=Event)
DAY = datetime.timedelta(days=1)
HERE = "/problems"
BEFORE_DAYS = 182
"""Days before a problem was opened that its timeline shows."""
STORY_MAX = 400
WEEKS = 28
"""So many days a list compares at most: what came in them with what was to be expected."""
STATES = {
    "open": _("nobody owns it yet"), "owned": _("without a plan"), "planned": _("being worked on"),
    "claimed": _("said to have stopped"), "watched": _("stopped, being watched"),
    "ended": _("ended"), "declined": _("declined"),
}  # fmt: skip
CAUSES = {
    "noise": _("noise"), "drink": _("drink"), "dispute": _("dispute"), "traffic": _("traffic"),
    "premises": _("premises"), "other": _("other"),
}  # fmt: skip
VERDICTS = {
    "stopped": _("stopped"), "not yet": _("not yet"), "too early": _("too early"),
    "not counted": _("not counted"),
}  # fmt: skip
DECISIONS = {
    w.Decision.GO_ON: _("go on"), w.Decision.CHANGE_PLAN: _("change the plan"),
    w.Decision.CLAIM_STOPPED: _("claim that it stopped"),
}  # fmt: skip
AGAIN = (_("the calls came back"), _("asked for"))
"""Further values of these events that pages show."""
STEP_STATES = {"open": _("open"), "done": _("done"), "dropped": _("dropped")}
FIGURES = (
    ("calls", _("Calls")), ("expected", _("Expected")), ("before", _("As many days before")),
    ("done", _("Steps done")), ("open_steps", _("Steps open")), ("late", _("of them late")),
    ("notes", _("Notes")),
)  # fmt: skip
"""The figures of a report, in their order."""


def problem_of(front: Front, name: str) -> Problem:
    """Return a problem. Raises Refused (404)."""
    found: Problem | None = front.hub.state["matters"].problems.get(name)
    if found is None:
        raise Refused(
            404, "console.NoProblem", "Not shown.", "There is no problem {problem}.",
            "Look it up in the list of problems.", problem=name[:40],
        )  # fmt: skip
    return found


def owner(front: Front, name: str, lang: Language) -> str:
    """Return who owns a problem, as people say it: a role by its words, else as it is."""
    if name in front.hub.rooms.authority.roles:
        return labels.role(lang, name)
    return name


def owners(front: Front, lang: Language) -> list[tuple[str, str]]:
    """Return who may own a problem: roles, stations, units."""
    roles = [(name, labels.role(lang, name))
             for name in front.hub.rooms.authority.roles_for(Holder.ACCOUNT)]  # fmt: skip
    stations = [(name, lang.say(_("Station {name}"), name=name)) for name in front.town.stations]
    units = [(name, name) for name in sorted(front.town.units)]
    return [*roles, *stations, *units]


def agency(front: Front, code: str, lang: Language) -> str:
    """Return the name of an agency of the town."""
    found = next((a for a in front.town.file.agencies if a.code == code), None)
    return found.title.of(lang.tag) if found else code


def rows_of(front: Front, problem: str) -> list[tuple[Row, Event]]:
    """Return everything recorded about a problem, in order."""
    decode = front.hub.rooms.decode
    return [(row, decode(row)) for row in front.hub.store.stream(f"problem:{problem}")]


def last(rows: Sequence[tuple[Row, Event]], sort: type[E]) -> E | None:
    """Return the newest event of a sort."""
    return next((event for _row, event in reversed(rows) if isinstance(event, sort)), None)


# -- the list --------------------------------------------------------------------------------


def listed(front: Front, phrases: Phrases, *, over: bool) -> list[dict[str, Any]]:
    """Return the problems that go on, what waits for somebody first; or those that are over."""
    problems = front.hub.state["matters"].problems.values()
    chosen = [one for one in problems if (one.state in (ENDED, DECLINED)) is over]
    found = [_line(front, one, phrases) for one in chosen]
    found.sort(key=lambda row: (not row["waits"], row["due_us"] or 2**62, -row["opened_us"]))
    return found


def _line(front: Front, problem: Problem, phrases: Phrases) -> dict[str, Any]:
    lang, now_us = phrases.lang, front.now_us()
    today = sums.day_of(front.town, now_us)
    opened = sums.day_of(front.town, problem.opened_us)
    first = max(today - WEEKS * DAY, _known_from(problem, opened))
    told = sums.sums(problem, front.town, first, today - DAY)
    due = [step.due_us for step in problem.steps.values() if step.state == OPEN]
    return {
        "problem": problem.problem,
        "href": f"{HERE}/{problem.problem}",
        "place": place(problem.place),
        "cause": lang(CAUSES[problem.cause]),
        "kinds": kinds(problem, phrases),
        "area": problem.area,
        "owner": owner(front, problem.owner, lang),
        "state": lang(STATES[problem.state]),
        "waits": waits(problem, lang),
        "calls": lang.number(told.calls),
        "days": lang.number(len(told.days)),
        "expected": "" if told.expected is None else lang.number(told.expected),
        "due_us": min(due, default=0),
        "due": phrases.day(min(due)) if due else "",
        "late": bool(due) and min(due) < now_us,
        "opened_us": problem.opened_us,
        "opened": phrases.day(problem.opened_us),
    }


def kinds(problem: Problem, phrases: Phrases) -> str:
    """Return the kinds that count, in words."""
    if not problem.kinds:
        return phrases.lang(_("every kind"))
    return phrases.lang.join(phrases.kind(kind) for kind in problem.kinds)


def waits(problem: Problem, lang: Language) -> str:
    """Return what a problem waits for from somebody, "" where nothing."""
    if problem.state == CLAIMED:
        return lang(_("a second person says whether it stopped"))
    if problem.asked:
        return lang(_("a decision on its review"))
    if problem.state == OPEN:
        return lang(_("somebody to own it"))
    return lang(_("a plan")) if problem.state == "owned" else ""


# -- one problem -----------------------------------------------------------------------------


def head(front: Front, problem: Problem, rows: Sequence[Any], phrases: Phrases) -> dict[str, Any]:
    """Return what a problem is, where, whose, and how it stands."""
    lang = phrases.lang
    opened, plan = last(rows, w.ProblemOpened), last(rows, w.ProblemPlanned)
    return {
        "problem": problem.problem,
        "place": place(problem.place),
        "area": problem.area,
        "cause": lang(CAUSES[problem.cause]),
        "kinds": kinds(problem, phrases),
        "state": lang(STATES[problem.state]),
        "over": problem.state in (ENDED, DECLINED),
        "owner": owner(front, problem.owner, lang),
        "opened": phrases.day(problem.opened_us),
        "because": opened.because if opened else "",
        "goal": plan.goal if plan else "",
        "plan": plan.plan if plan else "",
        "agencies": [(code, agency(front, code, lang)) for code in problem.agencies],
        "waits": waits(problem, lang),
        "next_bulletin": phrases.day(problem.bulletin_us),
        "next_review": phrases.day(problem.review_us),
    }


def steps(front: Front, problem: Problem, phrases: Phrases) -> list[dict[str, Any]]:
    """Return the steps of a plan, in their order."""
    lang, now_us = phrases.lang, front.now_us()
    return [
        {
            "step": name,
            "what": step.what,
            "state": lang(STEP_STATES[step.state]),
            "open": step.state == OPEN,
            "sort": step.state,
            "due": phrases.day(step.due_us),
            "late": step.state == OPEN and step.due_us < now_us,
            "done": phrases.day(step.done_us) if step.done_us else "",
            "agency": agency(front, step.agency, lang) if step.agency else "",
        }
        for name, step in problem.steps.items()
    ]


def test(front: Front, problem: Problem, phrases: Phrases) -> dict[str, Any]:
    """Return what the test says now, in words: the verdict, why, and how long it still takes."""
    lang, now_us = phrases.lang, front.now_us()
    if problem.state in (ENDED, DECLINED):
        return {}
    look = sums.looked(problem, front.town, now_us)
    usual = sums.usual(problem)
    if look is None or usual is None:
        why = _("What the place called before is not counted, so nothing can be expected yet.")
        verdict = lang(VERDICTS["not counted"])
        nothing = dict.fromkeys(
            ("since", "looks", "why_looks", "still", "never", "learnt", "season"), ""
        )
        return {"state": "not counted", "verdict": verdict, "why": lang(why), **nothing}
    told, still = look.test, sums.still(problem, front.town, now_us)
    values = {key: _worded(value, lang) for key, value in told.verdict.why.values.items()}
    learnt = lang.say(
        _("What is usual was learnt from {calls} calls in {days} days before it was a problem."),
        calls=lang.number(usual.seen), days=lang.number(usual.days),
    )  # fmt: skip
    return {
        "state": told.verdict.state,
        "verdict": lang(VERDICTS[told.verdict.state]),
        "why": lang.say(told.verdict.why.template, **values),
        "since": lang.say(
            _("Counted from {day}, the day after the last step was done, to {last}.")
            if problem.quiet_us > problem.since_us
            else _("Counted from {day}, the first whole day of the problem, to {last}."),
            day=lang.day(sums.quiet_from(problem, front.town)), last=lang.day(told.days[-1]),
        ) if told.days else "",
        "looks": _looks(look, lang),
        "why_looks": lang.say(
            _("It is looked every {days} days and not when it suits, because who looks every day "
              "sees a quiet spell sooner or later where nothing changed. All looks of a problem "
              "together call one that goes on stopped in at most {of} of 100 problems, so each one "
              "is stricter than the one before."),
            days=LOOK_DAYS, of=round(100 * ALPHA),
        ),
        "still": lang.number(still) if 0 < still < sums.STILL_MAX else "",
        "never": still >= sums.STILL_MAX,
        "learnt": learnt,
        "season": "" if usual.seasonal else lang(
            _("A season takes a whole year of calls; only the weekdays are known.")
        ),
    }  # fmt: skip


def _looks(look: sums.Look, lang: Language) -> str:
    """Return which look this was and when the next one is."""
    at = {"nth": lang.number(look.nth), "day": lang.day(look.next)}
    if len(look.test.days) < LOOK_DAYS:
        return lang.say(_("The first look since then is on {day}."), **at)
    told = _("That is what look {nth} of this problem says; it had to be at most {level}. "
             "The next look is on {day}.")  # fmt: skip
    return lang.say(told, **at, level=f"{look.level:.2g}")


def _worded(value: object, lang: Language) -> object:
    return lang.number(value) if isinstance(value, int) else value


def watch(front: Front, problem: Problem, phrases: Phrases) -> dict[str, str]:
    """Return how the watch goes; empty where there is none."""
    if problem.state != WATCHED:
        return {}
    expected, seen = sums.watched(problem, front.town, front.now_us())
    return {
        "until": phrases.day(problem.watch_end_us),
        "seen": phrases.lang.number(seen),
        "expected": phrases.lang.number(round(expected, 1)),
    }


# -- the drawings ----------------------------------------------------------------------------


def chart(front: Front, problem: Problem, rows: Sequence[Any], phrases: Phrases) -> dict[str, Any]:
    """Return the timeline, drawn wide and narrow, its signs in words, and its table."""
    lang, town = phrases.lang, front.town
    opened = sums.day_of(town, problem.opened_us)
    until = _until(front, problem)
    first = max(opened - BEFORE_DAYS * DAY, _known_from(problem, opened))
    days = sums.days_between(first, until)
    usual = sums.usual(problem)
    expected = [usual.on(day) if usual else None for day in days]
    calls = _counted(problem, town, days, rows)
    marks = _marks(front, problem, rows, phrases)
    drawings = []
    for width, most in ((760, timeline.DAYS_MAX), (340, 35)):
        told = timeline.spans(days, calls, expected, most)
        words = _described(told, phrases)
        short = _short(told, lang, 90 if width > 400 else 70, width)
        drawings.append((timeline.drawn(told, marks, words, short, width), _of(told, lang)))
    told = timeline.spans(days, calls, expected)
    return {
        "wide": drawings[0],
        "narrow": drawings[1],
        "weeks": len(told) < len(days),
        "signs": [
            {"sign": m.sign, "day": lang.day(m.day), "words": m.words, "sort": m.sort}
            for m in marks
        ],
        "table": [
            (lang.day(one.first), lang.number(one.calls),
             "" if one.expected is None else lang.number(round(one.expected, 1)))
            for one in told
        ],
    }  # fmt: skip


def _of(told: Sequence[timeline.Span], lang: Language) -> str:
    """Return what a bar of a drawing is."""
    return lang(_("Calls a week")) if _weekly(told) else lang(_("Calls a day"))


def _weekly(told: Sequence[timeline.Span]) -> bool:
    return any(one.days > 1 for one in told)


def _known_from(problem: Problem, opened: datetime.date) -> datetime.date:
    if problem.history_first:
        return datetime.date.fromisoformat(problem.history_first)
    return opened


def _until(front: Front, problem: Problem) -> datetime.date:
    """Return the last day there is something to draw of."""
    if problem.state in (ENDED, DECLINED):
        us = max(problem.watch_end_us - 1, problem.opened_us)
        return sums.day_of(front.town, us)
    return sums.day_of(front.town, front.now_us())


def _counted(
    problem: Problem,
    town: Town,
    days: Sequence[datetime.date],
    rows: Sequence[Any],
) -> list[int]:
    """Return the calls of each day; those of an ended problem are what its last event kept."""
    calls = sums.per_day(problem, town, days)
    ended = last(rows, w.ProblemEnded) if problem.state == ENDED else None
    if ended and ended.days:
        final = datetime.date.fromisoformat(ended.last)
        kept = {final - n * DAY: count for n, count in enumerate(reversed(ended.days))}
        calls = [kept.get(day, count) for day, count in zip(days, calls, strict=True)]
    return calls


def _marks(front: Front, problem: Problem, rows: Sequence[Any], phrases: Phrases) -> list[Mark]:
    """Return what was done, numbered, and where the life of the problem turned."""
    town, lang = front.town, phrases.lang
    found = [Mark(sums.day_of(town, problem.opened_us), "P", lang(_("became a problem")), "turn")]
    done = sorted(
        (step.done_us, name, step.what) for name, step in problem.steps.items() if step.done_us
    )
    for number, (us, _name, what) in enumerate(done, 1):
        found.append(Mark(sums.day_of(town, us), str(number), what))
    turns: dict[type[Event], tuple[str, str]] = {
        w.ProblemWatched: ("W", _("stopped; watched from here")),
        w.ProblemReopened: ("R", _("went on")),
        w.ProblemEnded: ("E", _("ended")),
    }
    for row, event in rows:
        if type(event) in turns:
            sign, words = turns[type(event)]
            found.append(Mark(sums.day_of(town, row.happened_at), sign, lang(words), "turn"))
    return sorted(found, key=lambda mark: mark.day)


def _described(told: Sequence[timeline.Span], phrases: Phrases) -> str:
    lang = phrases.lang
    if not told:
        return lang(_("No day has been counted yet."))
    calls = sum(one.calls for one in told)
    template = (
        _("Calls a week from {first} to {last}: {calls} in all. The table below has each.")
        if _weekly(told)
        else _("Calls a day from {first} to {last}: {calls} in all. The table below has each.")
    )
    last_day = told[-1].first + (told[-1].days - 1) * DAY
    return lang.say(
        template, first=lang.day(told[0].first), last=lang.day(last_day), calls=lang.number(calls)
    )


def _short(told: Sequence[timeline.Span], lang: Language, apart: int, width: int) -> list[str]:
    """Return the days under the axis: as many as have room."""
    step = max(1, -(-len(told) * apart // (width - timeline.LEFT)))
    fits = len(told) - 1 if len(told) <= 1 else len(told) - step * 0.6
    return [
        str(format_skeleton("MMMd", one.first, locale=lang.locale))
        if n % step == 0 and n <= fits
        else ""
        for n, one in enumerate(told)
    ]


def around(front: Front, problem: Problem, phrases: Phrases) -> dict[str, Any]:
    """Return the map of the place and its calls; empty where no position is known."""
    spots = [
        (round(c.lon, 4), round(c.lat, 4))
        for c in problem.calls.values()
        if problem.counts(c) and c.lon is not None and c.lat is not None
    ]
    lon, lat = problem.lon, problem.lat
    if lon is None or lat is None:
        if not spots:
            return {}
        lon, lat = sorted(spots)[len(spots) // 2]
    words = phrases.lang.say(
        _("{place} and the streets around it, with {calls} calls since it became a problem."),
        place=place(problem.place), calls=phrases.lang.number(len(spots)),
    )  # fmt: skip
    svg = surroundings.drawn(front.centre.places.folder, lon, lat, spots, words)
    return {"svg": svg, "calls": phrases.lang.number(len(spots)), "any": bool(spots)}


# -- what was written ------------------------------------------------------------------------


def reports(problem: Problem, rows: Sequence[Any], phrases: Phrases) -> list[dict[str, Any]]:
    """Return bulletins and reviews, the newest first, each figure with its query and position."""
    decided = {
        event.issue: (row, event) for row, event in rows if isinstance(event, w.ProblemReviewed)
    }
    return [
        _report(problem, row, event, decided, phrases)
        for row, event in reversed(rows)
        if isinstance(event, w.BulletinWritten | w.ReviewWritten)
    ]


def _report(
    problem: Problem, row: Row, event: w.BulletinWritten | w.ReviewWritten,
    decided: dict[int, tuple[Row, w.ProblemReviewed]], phrases: Phrases,
) -> dict[str, Any]:  # fmt: skip
    lang = phrases.lang
    review = isinstance(event, w.ReviewWritten)
    at = row.position - 1
    days = [datetime.date.fromisoformat(day) for day in (event.first, event.last)]
    told: dict[str, Any] = {
        "review": review,
        "number": event.issue,
        "days": lang.days(*days),
        "at": lang.number(at),
        "written": f"{phrases.day(row.happened_at)} {phrases.clock(row.happened_at)}",
        "figures": [
            {
                "label": lang(label),
                "value": lang.number(value),
                "href": _query(problem, name, event, at),
            }
            for name, label in FIGURES
            if (value := getattr(event, name)) is not None
        ],
    }
    told |= {"waits": False, "decided": "", "because": "", "decided_at": "", "verdict": ""}
    if isinstance(event, w.ReviewWritten):
        told["verdict"] = lang(VERDICTS[event.verdict])
        told["waits"] = problem.asked == event.issue
        if event.issue in decided:
            when, what = decided[event.issue]
            told["decided"] = lang(DECISIONS[what.decision])
            told["because"] = what.because
            told["decided_at"] = phrases.day(when.happened_at)
    return told


def _query(problem: Problem, name: str, event: w.BulletinWritten | w.ReviewWritten, at: int) -> str:
    """Return the address that counts a figure again: the same days, the record as it stood."""
    where = f"{HERE}/{problem.problem}/figure"
    return f"{where}?of={name}&from={event.first}&to={event.last}&at={at}"


def notes(
    front: Front,
    problem: Problem,
    rows: Sequence[Any],
    actor: Actor,
    phrases: Phrases,
) -> dict[str, Any]:
    """Return the notes, the newest first; their words for whoever's reading of them counts."""
    reads = problem.reads.get(actor.name, 0) > front.now_us()
    gate = front.gate
    return {
        "reads": reads,
        "sealed": gate.sealed_in([row for row, _event in rows]),
        "may": gate.may(actor.role),
        "listed": [
            {
                "note": event.note,
                "day": phrases.day(row.happened_at),
                "time": phrases.clock(row.happened_at),
                "by": phrases.who(row.actor),
                "words": gate.told_next(actor, row.position, phrases.lang) if reads else "",
            }
            for row, event in reversed(rows)
            if isinstance(event, w.ProblemNoted)
        ],
    }


def story(
    front: Front, rows: Sequence[Any], role: str, phrases: Phrases, until_us: int = 0
) -> list[dict[str, Any]]:
    """Return everything that happened, in one column, the newest last.

    Its sealed words are open while a reading counts, ``until_us`` (UTC microseconds).
    """
    sees = may_see(front.hub.rooms.authority, role)
    opening = front.gate.unseal_matter(until_us, phrases.lang) if front.gate.may(role) else None
    return [
        {
            "day": phrases.day(row.happened_at),
            "time": phrases.clock(row.happened_at),
            "said": phrases.event(event, row, sees, opening or masked),
            "position": phrases.lang.number(row.position),
        }
        for row, event in rows[-STORY_MAX:]
    ]
