"""To whom a town refers what is not its own to do: ``referral.toml``, rules in their order.

An *agency* here is a partner: where it stands (``down`` a station, ``across`` another agency,
``up`` the municipal desk), over which way it is reached, and the most it may ever see. A *rule*
says which incidents go to which agency, which fields of them it sees, and by when it answers and is
done. The first rule that fits counts. What is not named is not seen, and who called is in no list
that could be named. Pure data and pure functions: what is made of it is ``matters/referral_rules``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, NamedTuple

import msgspec

from answerable.towns.titles import Tag, Title, Titles, need_english

RULES_MAX = 100
AGENCIES_MAX = 100
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Codes = Annotated[tuple[Code, ...], msgspec.Meta(max_length=200)]
Direction = Literal["down", "across", "up"]
Way = Literal["link", "mail", "open311", "desk"]
"""By a link of its own, by e-mail, over Open311, or told by a person at a desk."""
Field = Literal[
    "kind", "priority", "place", "position", "area", "opened", "outcome", "words", "door"
]
FIELDS: tuple[Field, ...] = Field.__args__  # type: ignore[attr-defined]
"""All that can ever be named. A caller's name and number are not among them, nor is any note."""
SEALED_FIELDS = frozenset({"words", "door"})
"""Written for the agency by whoever refers, kept sealed here; an agency may see them if named."""
Said = Annotated[
    dict[Tag, Annotated[str, msgspec.Meta(min_length=1, max_length=400)]],
    msgspec.Meta(min_length=1),
]
Sees = Annotated[tuple[Field, ...], msgspec.Meta(max_length=len(FIELDS))]
Hours = Annotated[int, msgspec.Meta(ge=1, le=2_160)]
Days = Annotated[int, msgspec.Meta(ge=1, le=366)]


class Partner(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An agency that things are referred to. ``may_see`` is the most that any rule may show it.

    ``address`` is an e-mail address (mail) or the root of a GeoReport v2 service (open311), with
    its ``jurisdiction`` where it wants one and the ``form`` of its answers; its key is not here but
    in the centre's settings. ``lang`` is what it is written to in. ``example`` says that the agency
    is real or likely, and the agreement with it is made up.
    """

    code: Code
    titles: Titles = msgspec.field(name="title")
    direction: Direction = "across"
    way: Way = "link"
    may_see: Sees
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""
    jurisdiction: Annotated[str, msgspec.Meta(max_length=120)] = ""
    form: Literal["json", "xml"] = "json"
    lang: Tag = "en"
    answer_hours: Hours = 24
    working_days: Days = 5
    example: bool = False

    def __post_init__(self) -> None:
        """Refuse an agency without an English name, or one that cannot be reached (ValueError)."""
        need_english(self.titles)
        if self.way == "mail" and "@" not in self.address:
            raise ValueError(f"agency {self.code} is reached by mail and has no mail address")
        if self.way == "open311" and not self.address.startswith(("http://", "https://")):
            raise ValueError(f"agency {self.code} is reached over open311 and has no web address")

    @property
    def title(self) -> Title:
        """Return the names, ready to be asked for a language."""
        return Title(self.titles)


class Facts(NamedTuple):
    """What rules look at: kind, group, priority, names of the areas, outcome; never a person."""

    kind: str = ""
    group: str = ""
    priority: str = ""
    areas: tuple[str, ...] = ()
    outcome: str = ""


class ReferralRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What fits all of these goes to this agency; an empty list fits anything.

    ``sees`` is what the agency sees of it. ``answer_hours`` and ``working_days`` are the agency's
    own where they are not given. ``service`` is the agency's code of such a request (Open311).
    """

    code: Code
    why: Said
    agency: Code
    sees: Sees
    kinds: Codes = ()
    groups: Codes = ()
    priorities: Codes = ()
    areas: Codes = ()
    outcomes: Codes = ()
    service: Annotated[str, msgspec.Meta(max_length=64)] = ""
    answer_hours: Hours | None = None
    working_days: Days | None = None

    def __post_init__(self) -> None:
        """Refuse a rule that gives no reason in English (ValueError)."""
        need_english(self.why)

    def lacks(self, facts: Facts) -> str:
        """Return the first condition that does not fit, "" where all do."""
        checks = (
            ("kind", self.kinds, (facts.kind,)), ("group", self.groups, (facts.group,)),
            ("priority", self.priorities, (facts.priority,)), ("area", self.areas, facts.areas),
            ("outcome", self.outcomes, (facts.outcome,)),
        )  # fmt: skip
        return next(
            (name for name, wanted, have in checks if wanted and not set(wanted) & set(have)), ""
        )


class Fired(NamedTuple):
    """The rule that fits first (None: none does), and those before it with what did not fit."""

    rule: ReferralRule | None
    passed: tuple[tuple[str, str], ...]


class ReferralFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``referral.toml`` holds: the agencies, and the rules in their order.

    ``accepts`` are the kinds of incident that another agency's program may ask this service for
    (Open311); ``jurisdiction`` is what that calls the town, where it serves more than one.
    """

    agencies: Annotated[tuple[Partner, ...], msgspec.Meta(max_length=AGENCIES_MAX)] = msgspec.field(
        default=(), name="agency"
    )
    rules: Annotated[tuple[ReferralRule, ...], msgspec.Meta(max_length=RULES_MAX)] = msgspec.field(
        default=(), name="rule"
    )
    accepts: Codes = ()
    jurisdiction: Annotated[str, msgspec.Meta(max_length=120)] = ""

    def __post_init__(self) -> None:
        """Refuse doubled codes, unknown agencies, and a rule that shows too much (ValueError)."""
        if double := _double(one.code for one in self.agencies):
            raise ValueError(f"two agencies have the code {double}")
        if double := _double(one.code for one in self.rules):
            raise ValueError(f"two rules have the code {double}")
        for rule in self.rules:
            partner = self.agency(rule.agency)
            if partner is None:
                raise ValueError(f"rule {rule.code} names an agency {rule.agency} there is not")
            if more := sorted(set(rule.sees) - set(partner.may_see)):
                raise ValueError(
                    f"rule {rule.code} shows {', '.join(more)}, which {rule.agency} may not see"
                )

    def agency(self, code: str) -> Partner | None:
        """Return an agency by its code, in whatever letters it is written."""
        wanted = code.casefold()
        return next((one for one in self.agencies if one.code.casefold() == wanted), None)

    def rule(self, code: str) -> ReferralRule | None:
        """Return a rule by its code."""
        return next((one for one in self.rules if one.code == code), None)

    def fires(self, facts: Facts) -> Fired:
        """Return the first rule that fits, and each one passed over with what did not fit."""
        passed: list[tuple[str, str]] = []
        for rule in self.rules:
            if not (lack := rule.lacks(facts)):
                return Fired(rule, tuple(passed))
            passed.append((rule.code, lack))
        return Fired(None, tuple(passed))

    def seen(self, partner: Partner, rule: ReferralRule | None) -> tuple[Field, ...]:
        """Return what an agency sees by a rule; without one, all it may see that is not sealed."""
        if rule is not None:
            return rule.sees
        return tuple(name for name in partner.may_see if name not in SEALED_FIELDS)


def _double(codes: Iterable[str]) -> str:
    seen: set[str] = set()
    for code in codes:
        if code.casefold() in seen:
            return code
        seen.add(code.casefold())
    return ""


NOTHING_REFERRED = ReferralFile()
"""A town without rules refers nothing."""
