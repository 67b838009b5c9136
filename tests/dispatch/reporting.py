"""A toy town whose crews owe reports: engines of fires and of medical calls, medics of none."""

from __future__ import annotations

from answerable.towns.model import Town
from answerable.towns.outcomes import Outcome, OutcomesFile, Reporting, ReportRule
from tests.story import toy_town


def _named(text: str) -> dict[str, str]:
    return {"en": text, "zh": f"({text})"}


OUTCOMES = OutcomesFile(
    agencies=(
        Reporting("ambulance", _named("Ambulance"), ("MEDIC",)),
        Reporting("fire", _named("Fire")),
    ),
    outcomes=(
        Outcome(code="out", titles=_named("Put out"), kinds=("Fire",), agencies=("fire",)),
        Outcome(code="helped", titles=_named("Helped"), disciplines=("medical",)),
        Outcome(code="nothing", titles=_named("Nothing found"), agencies=("fire",)),
    ),
    rules=(
        ReportRule(owed=False, because=_named("not asked"), agencies=("ambulance",)),
        ReportRule(owed=True, because=_named("it was there"), kinds=("Fire", "Medical")),
    ),
)
"""Engines owe a report of fires and medical calls, not of the kind Other; ambulances owe none."""


def reporting_town() -> Town:
    """Return the toy town with these outcomes."""
    town = toy_town()
    town.outcomes = OUTCOMES
    return town
