"""The book's page of ties: which call is about which incident, what is linked, split and merged.

Like the book it reads nothing but rows and decides nothing. What touches two incidents is two rows;
each is written down on its own side here, so that a side that is missing shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

OPENING = "intake.IncidentOpened"


class Tied:
    """One incident: its calls in their order, and the numbers of what it has to do with."""

    __slots__ = ("calls", "into", "linked", "merged", "part_of", "parts")

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.linked: list[str] = []
        self.merged: list[str] = []
        self.parts: list[str] = []
        self.into = ""
        self.part_of = ""


class Ties:
    """What has to do with what, row by row; ``faults`` takes what cannot be true."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        self.about: dict[str, str] = {}
        self.tied: dict[str, Tied] = {}

    def of(self, incident: str) -> Tied:
        """Return the ties of an incident."""
        return self.tied.setdefault(incident, Tied())

    def take(self, kind: str, said: dict[str, Any]) -> None:
        """Write a row down, if it is about ties."""
        if kind in (OPENING, "intake.CallAttached") and said.get("call"):
            self._joins(said["call"], said["incident"])
        elif kind == "intake.CallDetached":
            self._leaves(said["call"], said["incident"])
        elif kind == "intake.IncidentSplit":
            self.of(said["incident"]).parts.append(said["into"])
        elif kind == "intake.IncidentSplitOff":
            self.of(said["incident"]).part_of = said["other"]
        elif kind in ("intake.IncidentsLinked", "intake.IncidentsUnlinked"):
            self._moves(kind.endswith("Unlinked"), self.of(said["incident"]).linked, said["other"])
        elif kind in ("dispatch.IncidentTookOver", "dispatch.IncidentGaveBack"):
            self._moves(kind.endswith("Back"), self.of(said["incident"]).merged, said["merged"])
        elif kind in ("dispatch.IncidentMerged", "dispatch.IncidentUnmerged"):
            self.of(said["incident"]).into = said.get("into", "")

    def _joins(self, call: str, incident: str) -> None:
        if was := self.about.get(call, ""):
            self.faults.append(f"I2: call {call} is about {was} and then about {incident} too")
        self.about[call] = incident
        self.of(incident).calls.append(call)

    def _leaves(self, call: str, incident: str) -> None:
        if self.about.get(call, "") != incident:
            self.faults.append(f"I2: call {call} was taken off {incident}, which it is not about")
            return
        self.about[call] = ""
        self.of(incident).calls.remove(call)

    def _moves(self, taken_back: bool, held: list[str], other: str) -> None:
        if taken_back == (other not in held):
            self.faults.append(f"B14: {other} is tied twice, or let go and never tied: {held}")
        elif taken_back:
            held.remove(other)
        else:
            held.append(other)

    def one_sided(self) -> Iterator[str]:
        """Yield every tie of which only one side is in the record."""
        for name, one in self.tied.items():
            for other in one.linked:
                if name not in self.of(other).linked:
                    yield f"{name} is linked with {other}, and {other} does not know"
            for other in one.merged:
                if self.of(other).into != name:
                    yield f"{name} goes on for {other}, which was not merged into it"
            if one.into and name not in self.of(one.into).merged:
                yield f"{name} was merged into {one.into}, which does not know"
            if one.part_of and name not in self.of(one.part_of).parts:
                yield f"{name} was split off {one.part_of}, which does not know"
