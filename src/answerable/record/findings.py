"""What ``fsck`` says: the findings, in words for a person and as one JSON object."""

from __future__ import annotations

import msgspec

FINDINGS_MAX = 100
"""More than this are counted, not listed: a wrecked file would fill the screen."""


class Damage(msgspec.Struct, frozen=True):
    """One thing that is wrong: where, what, and what to do about it."""

    where: str
    what: str
    instead: str
    position: int | None = None

    def text(self) -> str:
        """Return the finding in one line."""
        return f"{self.where}: {self.what}. {self.instead}"


class FsckReport(msgspec.Struct):
    """What was looked at and what was found."""

    path: str
    format: int = 0
    epoch: int = 0
    events: int = 0
    root: str = ""
    heads: int = 0
    sealed: int = 0
    snapshots: int = 0
    rebuilt: bool = False
    seconds: float = 0.0
    notes: list[str] = []
    damage: list[Damage] = []
    not_listed: int = 0

    @property
    def sound(self) -> bool:
        """Say whether nothing is wrong. Notes are not damage."""
        return not self.damage

    def find(self, where: str, what: str, instead: str, position: int | None = None) -> None:
        """Add a finding, or count it where the list is full."""
        if len(self.damage) < FINDINGS_MAX:
            self.damage.append(Damage(where, what, instead, position))
        else:
            self.not_listed += 1

    def text(self) -> str:
        """Return the report for a person."""
        looked = (
            f"{self.path}: {self.events} events, epoch {self.epoch}, {self.heads} tree heads, "
            f"{self.sealed} sealed values, {self.snapshots} snapshots, {self.seconds:.1f} s"
        )
        lines = [looked, f"head {self.events} {self.root}", *(f"note: {n}" for n in self.notes)]
        lines += [f"DAMAGE {one.text()}" for one in self.damage]
        if self.not_listed:
            lines.append(f"DAMAGE and {self.not_listed} more")
        if self.sound:
            compared = "" if self.rebuilt else " (states were not rebuilt)"
            lines.append(f"sound: everything recorded is as it was recorded{compared}")
        return "\n".join(lines)

    def json(self) -> bytes:
        """Return the report as one JSON object."""
        return msgspec.json.encode({**msgspec.structs.asdict(self), "sound": self.sound})
