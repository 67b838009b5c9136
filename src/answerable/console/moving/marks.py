"""What stands beside an incident or a unit: a hold, an alarm level, a move-up, a return."""

from __future__ import annotations

from answerable.console.language import _
from answerable.console.phrases import Phrases
from answerable.dispatch.views import IncidentLine, UnitLine


def of_incident(
    line: IncidentLine, phrases: Phrases, now_us: int, *, brief: bool = False
) -> list[str]:
    """Return what is unusual about an incident, in a few words each; ``brief`` for a row."""
    say = phrases.lang.say
    found = []
    if line.taken:
        units = phrases.lang.join(line.taken)
        found.append(say(_("{units} taken away: somebody else is needed"), units=units))
    if line.alarm > 1:
        found.append(say(_("alarm level {level}"), level=line.alarm))
    if line.held_until_us:
        until = phrases.moment(line.held_until_us, now_us)
        text = _("on hold until {until}[, or until {unit} is free]")
        found.append(say(text, until=until, unit="" if brief else line.awaits))
    return found


def of_unit(unit: UnitLine, phrases: Phrases, now_us: int) -> list[str]:
    """Return what is unusual about a unit, in a few words each."""
    say = phrases.lang.say
    found = []
    if unit.moved_up:
        found.append(say(_("covers station {station}"), station=unit.moved_up))
    if unit.back_us:
        back = phrases.moment(unit.back_us, now_us)
        found.append(
            say(_("was to be back at {back}"), back=back)
            if unit.overdue
            else say(_("back at {back}"), back=back)
        )
    return found


VALUES = (
    _("its time was up"), _("ended by hand"), _("the unit waited for is free"),
    _("a unit was sent"), _("the incident was closed"), _("it returned"), _("it was cancelled"),
    _("it left service"), _("the incident was merged into another"),
    _("taken over by another unit"), _("taken away to something more urgent"),
)  # fmt: skip
"""Values of these events that pages show."""
