"""The forms of field reports: the outcomes to choose from, sending back, asking to reopen.

What is offered is the town's list for the kind of incident and the agency of the unit; where it has
none, a crew says it in a line of its own.
"""

from __future__ import annotations

import dataclasses

from answerable.console.acts import ASKED_BY, NOTHING, Act, Acts, Field
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases
from answerable.console.reporting import keyed
from answerable.dispatch import report_words as report
from answerable.dispatch import words as dispatch
from answerable.dispatch.report_views import Owed
from answerable.dispatch.views import IncidentLine, JobLine
from answerable.towns.model import Town
from answerable.towns.outcomes import Outcome

CODE_MAX = 64
REPORTS = {"owed": _("report missing"), "returned": _("report sent back")}
"""What is said of a job's report; nothing where none is owed, or it was given."""


def listed(town: Town, kind: str, unit_type: str) -> tuple[Outcome, ...]:
    """Return the outcomes that a unit of a type may report of a kind of incident."""
    known, file = town.kinds.get(kind), town.outcomes
    discipline = known.discipline if known is not None else ""
    return file.listed(kind, discipline, file.agency_of(unit_type))


def offered(front: Front, phrases: Phrases, line: IncidentLine, job: JobLine, act: Act) -> Act:
    """Return the form of a report with the outcomes to choose from; any other form as it is."""
    if act.type != dispatch.ReportBack.tag:
        return act
    outcomes = listed(front.town, line.kind, job.unit_type)
    kept = [field for field in act.fields if field.name == "words"]
    if not outcomes:
        own = [dataclasses.replace(f, required=True) for f in act.fields if f.name == "outcome"]
        return dataclasses.replace(act, fields=(*own, *kept))
    tag = phrases.lang.tag
    choices = (NOTHING, *((one.code, one.title.of(tag), "") for one in outcomes))
    chosen = Field("code", phrases.lang(_("Outcome")), True, CODE_MAX, choices=choices)
    return dataclasses.replace(act, fields=(chosen, *kept))


def marks(job: JobLine, phrases: Phrases) -> list[str]:
    """Return what is to be known of a job's report, and of who keyed where it stands."""
    told = REPORTS.get(job.report)
    return [*([phrases.lang(told)] if told else []), *keyed.of_job(job, phrases)]


def report_acts(
    front: Front, phrases: Phrases, acts: Acts, line: IncidentLine, job: JobLine
) -> list[Act]:
    """Return what may be done about a report besides giving it: sending it back, reminding."""
    steps, fixed = front.steps("dispatch", "report"), {"incident": line.incident, "unit": job.unit}
    return [
        acts.act(*ASKED_BY[event], fixed, step=event.__name__)
        for event in (report.ReportReturned, report.ReportReminded)
        if steps.allows(job.report, event) and acts.may(ASKED_BY[event][0])
    ]


def reminding(acts: Acts, owed: Owed, now_us: int) -> Act | None:
    """Return the form that reminds a crew of a report; None where it was, or the role may not."""
    command, label = ASKED_BY[report.ReportReminded]
    just_now = owed.reminded_us and now_us < owed.reminded_us + report.REMIND_AGAIN_US
    if just_now or not acts.may(command):
        return None
    return acts.act(command, label, {"incident": owed.incident, "unit": owed.unit})


def give(
    front: Front, phrases: Phrases, acts: Acts, line: IncidentLine, job: JobLine
) -> Act | None:
    """Return the form that gives a report, None where the role does not give any."""
    event = dispatch.FieldReported
    if not acts.may(ASKED_BY[event][0]):
        return None
    fixed = {"incident": line.incident, "unit": job.unit}
    made = acts.act(*ASKED_BY[event], fixed, step=event.__name__)
    return offered(front, phrases, line, job, made)


def left_out(acts: Acts, line: IncidentLine) -> tuple[str, ...]:
    """Return the steps of a response that a role need not take, as it may take the shorter one.

    Whoever may reopen at once asks nobody; where it was asked, whoever decides grants it.
    """
    if line.state == "closed" and acts.may(dispatch.ReopenIncident):
        return (report.ReopeningAsked.__name__,)
    if line.state == "reopening asked" and acts.may(report.GrantReopening):
        return (dispatch.IncidentReopened.__name__,)
    return ()
