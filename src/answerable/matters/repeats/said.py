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
