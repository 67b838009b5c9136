"""The words of the toy room: somebody asks, a runner is sent, comes, or is called off."""

from __future__ import annotations

from answerable.kernel.event import Command, Event, Inside, Micros, Name, Open, Sealed, tagged


class _Command(Command, tag=tagged("toyroom"), frozen=True, kw_only=True):
    """A command of the toy room."""


class Tell(_Command, frozen=True, kw_only=True):
    """Whatever happened is told: the toy room believes everything."""

    what: str
    incident: str = ""
    unit: str = ""
    call: str = ""
    kind: str = ""
    area_class: str = ""
    size: str = ""
    step: str = ""
    was_us: int = 0
    now_us: Micros = 0
    due_us: int = 0


class Rung(Event, frozen=True, kw_only=True):
    said = "{call} rang."
    ids = ("call",)
    call: Open[Name]
    due_us: Open[int] = 0


class Asked(Event, frozen=True, kw_only=True):
    said = "{incident}: {kind}."
    ids = ("call", "incident")
    incident: Open[Name]
    call: Open[str] = ""
    kind: Open[str] = ""
    priority: Open[str] = ""
    area_class: Open[str] = ""


class Sent(Event, frozen=True, kw_only=True):
    said = "{unit} was sent."
    ids = ("incident", "unit")
    incident: Open[Name]
    unit: Open[Name]
    size: Open[str] = ""
    due_us: Open[int] = 0
    door: Sealed[str] = ""


class Signed(Event, frozen=True, kw_only=True):
    said = "{unit} signed."
    ids = ("incident", "unit")
    incident: Open[Name]
    unit: Open[Name]


class Came(Event, frozen=True, kw_only=True):
    said = "{unit} came."
    ids = ("incident", "unit")
    incident: Open[Name]
    unit: Open[Name]


class CalledOff(Event, frozen=True, kw_only=True):
    said = "{unit} was called off."
    ids = ("incident", "unit")
    incident: Open[Name]
    unit: Open[Name]


class Over(Event, frozen=True, kw_only=True):
    said = "{incident} is over."
    ids = ("incident",)
    incident: Open[Name]


class Again(Event, frozen=True, kw_only=True):
    said = "{incident} is taken up again."
    ids = ("incident",)
    incident: Open[Name]


class Weather(Event, frozen=True, kw_only=True):
    said = "The weather: {size}."
    size: Inside[str] = ""


class Corrected(Event, frozen=True, kw_only=True):
    said = "The time of {step} was corrected."
    ids = ("incident", "unit", "call")
    incident: Open[str] = ""
    unit: Open[str] = ""
    call: Open[str] = ""
    step: Open[Name]
    was_us: Open[int]
    now_us: Open[int]


EVENTS: tuple[type[Event], ...] = (
    Rung, Asked, Sent, Signed, Came, CalledOff, Over, Again, Weather, Corrected,
)  # fmt: skip
