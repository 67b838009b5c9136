"""What a drill found: counts, and every failure with the command that plays it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

import msgspec

FINDINGS_MAX = 20
"""More than these are counted, not listed."""


class Finding(msgspec.Struct, frozen=True):
    """One failure."""

    seed: int
    what: str
    again: str

    def text(self) -> str:
        """Return it in two lines."""
        return f"seed {self.seed}: {self.what}\n    again: {self.again}"


class Outcome(msgspec.Struct):
    """What one seed did, or all of them together."""

    drill: str
    seeds: int = 0
    tried: int = 0
    """Faults or power cuts."""
    distinct: int = 0
    """Different points, or different disks that a cut left."""
    acknowledged: int = 0
    """Events that were acknowledged."""
    by_kind: dict[str, int] = {}
    findings: list[Finding] = []
    failed_seeds: int = 0
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        """Say whether nothing was found."""
        return not self.failed_seeds

    def count(self, kind: str) -> None:
        """Count one try."""
        self.tried += 1
        self.by_kind[kind] = self.by_kind.get(kind, 0) + 1

    def find(self, seed: int, what: str, again: list[str]) -> None:
        """Note a failure of a seed."""
        self.failed_seeds = 1
        self.findings.append(Finding(seed, what, shlex.join(["answerable", "drill", *again])))

    def add(self, other: Outcome) -> None:
        """Take in what another seed did."""
        for name in ("seeds", "tried", "distinct", "acknowledged", "failed_seeds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, count in other.by_kind.items():
            self.by_kind[kind] = self.by_kind.get(kind, 0) + count
        room = FINDINGS_MAX - len(self.findings)
        self.findings += other.findings[:room]

    def json(self) -> bytes:
        """Return it as one JSON object."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


def together(drill: str, outcomes: Iterable[Outcome]) -> Outcome:
    """Return the sum of what several seeds did."""
    whole = Outcome(drill)
    for one in outcomes:
        whole.add(one)
    return whole
