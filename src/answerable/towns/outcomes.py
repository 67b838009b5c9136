"""What crews may report, and which of them owe a report: ``outcomes.toml``.

An *agency* is whose crew it is: fire, ambulance, police. An *outcome* is one line of the list that
a crew chooses from; it is listed for kinds of incident (or their disciplines) and for agencies. A
*report rule* says whether a crew that was at the place owes a report; the first rule that fits
counts, and where none fits nobody owes one. Pure data; what is made of it is
``dispatch/report_rules.py``.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from answerable.towns.titles import Tag, Title, Titles, need_english

AGENCIES_MAX = 20
OUTCOMES_MAX = 400
RULES_MAX = 100

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Hour = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)")]
"""Hours and minutes on the town's clock: 07:00."""
Because = Annotated[
    dict[Tag, Annotated[str, msgspec.Meta(min_length=1, max_length=240)]],
    msgspec.Meta(min_length=1),
]
"""Why a rule is as it is, by language tag."""


class _Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which kinds of incident and for whose crews something is; none named: for all."""

    kinds: tuple[Code, ...] = ()
    disciplines: tuple[Code, ...] = ()
    agencies: tuple[Code, ...] = ()

    def fits(self, kind: str, discipline: str, agency: str) -> bool:
        """Say whether it is for this kind, or its discipline, and for this agency's crews."""
        about = not self.kinds and not self.disciplines
        return (about or kind in self.kinds or discipline in self.disciplines) and (
            not self.agencies or agency in self.agencies
        )


class Reporting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agency whose crews report: its types of unit; none named: every other type."""

    code: Code
    titles: Titles = msgspec.field(name="title")
    unit_types: tuple[Code, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an agency without an English name (ValueError)."""
        need_english(self.titles)

    @property
    def title(self) -> Title:
        """Return the names, ready to be asked for a language."""
        return Title(self.titles)


class Outcome(_Listed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One outcome of the list: its code in the record and its names."""

    code: Code
    titles: Titles = msgspec.field(name="title")

    def __post_init__(self) -> None:
        """Refuse an outcome without an English name (ValueError)."""
        need_english(self.titles)

    @property
    def title(self) -> Title:
        """Return the names, ready to be asked for a language."""
        return Title(self.titles)


class ReportRule(_Listed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether such a crew owes a report of such an incident, and why."""

    owed: bool
    because: Because

    def __post_init__(self) -> None:
        """Refuse a reason that is not given in English (ValueError)."""
        need_english(self.because)


class OutcomesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``outcomes.toml`` holds, each list in the order in which it is tried or shown."""

    agencies: Annotated[tuple[Reporting, ...], msgspec.Meta(max_length=AGENCIES_MAX)] = (
        msgspec.field(default=(), name="agency")
    )
    outcomes: Annotated[tuple[Outcome, ...], msgspec.Meta(max_length=OUTCOMES_MAX)] = msgspec.field(
        default=(), name="outcome"
    )
    rules: Annotated[tuple[ReportRule, ...], msgspec.Meta(max_length=RULES_MAX)] = msgspec.field(
        default=(), name="report"
    )

    shifts: Annotated[tuple[Hour, ...], msgspec.Meta(min_length=1, max_length=24)] = (
        "07:00", "15:00", "23:00",
    )  # fmt: skip
    """When shifts begin on the town's clock; figures about who keyed the steps are by shift."""

    def agency_of(self, unit_type: str) -> str:
        """Return the agency a type of unit belongs to; "" where the file names none for it."""
        for agency in self.agencies:
            if unit_type in agency.unit_types:
                return agency.code
        return next((agency.code for agency in self.agencies if not agency.unit_types), "")

    def listed(self, kind: str, discipline: str, agency: str) -> tuple[Outcome, ...]:
        """Return the outcomes a crew of the agency may report of such an incident, in order."""
        return tuple(one for one in self.outcomes if one.fits(kind, discipline, agency))

    def outcome(self, code: str) -> Outcome | None:
        """Return an outcome by its code."""
        return next((one for one in self.outcomes if one.code == code), None)

    def owes(self, kind: str, discipline: str, agency: str) -> bool:
        """Say whether a crew of the agency that was at the place owes a report."""
        rule = next((one for one in self.rules if one.fits(kind, discipline, agency)), None)
        return rule is not None and rule.owed


NOTHING_OWED = OutcomesFile()
"""A town without the file lists no outcomes, and nobody owes a report."""
