"""The rules of merging: what turns out to be one goes on as one, and can be taken apart again.

Only an open incident goes on for another, so no chain of merged ones ever leads back to itself.
"""

from __future__ import annotations

from answerable.dispatch import alert_rules as alerts
from answerable.dispatch import merge_words as m
from answerable.dispatch.move_rules import hold_over
from answerable.dispatch.move_words import Ended
from answerable.dispatch.state import JOB, RESPONSE, Ctx, State, decide, evolve, response_step
from answerable.kernel.event import Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision


@decide.on(m.MergeIncident)
def _merge(state: State, command: m.MergeIncident, ctx: Ctx) -> Decision:
    incident, into, reason = command.incident, command.into, command.reason
    event = m.IncidentMerged(incident=incident, into=into, reason=reason)
    decision = response_step(state, command, event, incident)
    if isinstance(decision, Refusal):
        return decision
    if refusal := _refuse_merge(state, command):
        return refusal
    took_over = m.IncidentTookOver(incident=into, merged=incident, reason=reason)
    return [*hold_over(state, incident, Ended.MERGED), *decision, took_over]


def _refuse_merge(state: State, command: m.MergeIncident) -> Refusal | None:
    """Return why one incident cannot go on for another, or why the other cannot be over."""
    incident, into = command.incident, command.into
    if incident == into:
        return m.MergedIntoItself(incident=incident)
    other = state.responses.get(into)
    if other is None:
        return Unknown(command=command.tag, what="incident", name=into)
    if not RESPONSE.allows(other.state, m.IncidentTookOver):
        return m.NothingToMergeInto(
            incident=incident, into=into, state=other.state, beyond=other.into
        )
    jobs = state.responses[incident].jobs
    still = [unit for unit, job in jobs.items() if job.state not in JOB.last]
    if still:
        return m.UnitsOnMerged(incident=incident, units=", ".join(still))
    return None


@decide.on(m.UnmergeIncident)
def _unmerge(state: State, command: m.UnmergeIncident, ctx: Ctx) -> Decision:
    incident, reason = command.incident, command.reason
    response = state.responses.get(incident)
    out_of = response.into if response else ""
    event = m.IncidentUnmerged(incident=incident, out_of=out_of, reason=reason)
    decision = response_step(state, command, event, incident)
    if isinstance(decision, Refusal):
        return decision
    return [*decision, m.IncidentGaveBack(incident=out_of, merged=incident, reason=reason)]


@evolve.on(m.IncidentMerged, m.IncidentUnmerged)
def _merged(state: State, event: m.MergeEvent, row: Row) -> None:
    response = state.responses[event.incident]
    response.state, response.since_us = RESPONSE.after(response.state, event), row.happened_at
    response.into = event.into if isinstance(event, m.IncidentMerged) else ""
    if response.into:
        alerts.over(state, incident=event.incident)


@evolve.on(m.IncidentTookOver, m.IncidentGaveBack)
def _goes_on(state: State, event: m.TakingOver, row: Row) -> None:
    response = state.responses[event.incident]
    response.state = RESPONSE.after(response.state, event)
