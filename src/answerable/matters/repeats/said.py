"""The sentences in which a finding or a verdict says why: a template and what fills it.

Templates are the members of enumerations, so that every catalogue of a language can hold them all;
a page fills the translated one, everybody else the English.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from answerable.kernel.event import fill


class Why(NamedTuple):
    """One reason: its template, and the values of its holes."""

    template: str
    values: Mapping[str, object]

    def text(self) -> str:
        """Return the reason in English."""
        return fill(self.template, self.values)


class Stopping(StrEnum):
    """Why a verdict is what it is."""

    SHORT = "It was watched for {days} days; four whole weeks ({least} days) are the least."
    FEW = (
        "Only {expected} calls were to be expected in {days} days: even none at all would be no "
        "proof. Watch it longer."
    )
    STOPPED = (
        "{seen} calls came in {days} days where {expected} were to be expected had it gone on; so "
        "few would come by chance with probability {p}, which is at most {alpha}."
    )
    GOES_ON = (
        "{seen} calls came in {days} days where {expected} were to be expected had it gone on; so "
        "few would come by chance with probability {p}, which is more than {alpha}."
    )


class Finding(StrEnum):
    """Why a place is found."""

    RULE = (
        "{seen} calls of {cause} at {place} in {days} days; usual there: {usual}. The rule: "
        "{calls} in {days} days."
    )
    RULE_NEW = (
        "{seen} calls of {cause} at {place} in {days} days; what is usual there is not known yet: "
        "the record before is shorter than {least} days. The rule: {calls} in {days} days."
    )
    EARLY = (
        "{seen} calls of {cause} at {place} so far; days of record there are: {held}. If it goes "
        "on like that, the rule is met: {calls} in {days} days."
    )
    MANY = "{reports} calls about one event of {cause} at {place}, on {day}."
    SCAN = (
        "{seen} events of {cause} here in {days} days, where the season, the weekdays and the "
        "place let {usual} be expected; by chance, somewhere in the town, with probability {p}."
    )
    SCAN_AROUND = (
        "{seen} events of {cause} here and at {around} places within {radius} m in {days} days, "
        "where the season, the weekdays and the places let {usual} be expected; by chance, "
        "somewhere in the town, with probability {p}."
    )
    AGAIN = (
        "{again} of them came within {hours} hours after the former was over; spread evenly, "
        "{evenly} would."
    )
