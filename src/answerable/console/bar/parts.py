"""The parts that lines of several verbs have in common."""

from __future__ import annotations

from answerable.console.bar.grammar import Among, Default, Part, Sort
from answerable.console.language import _

TO = ("to", "on", "for", "of", "到", "给", "对")
AT = ("at", "@", "在", "地点")
BECAUSE = ("because", "因为")
UNTIL = ("until", "till", "直到", "至")
WITH = ("with", "by", "和", "由")
INTO = ("into", "with", "并入", "和")

UNIT = Part(Sort.UNIT, "unit")
ALL, FIRST = "*all", "*first"
"""What a line may say in the place of units: those the run card still asks for, or the first."""
UNITS = Part(
    Sort.UNIT, "unit", many=True,
    choices={ALL: ("all", "全部"), FIRST: ("first", "首个")},
)  # fmt: skip
CHOSEN = Part(Sort.INCIDENT, "incident", lead=TO, default=Default.CHOSEN)
ON_JOB = Part(Sort.INCIDENT, "incident", lead=TO, default=Default.JOB)
CLOSED = Part(Sort.INCIDENT, "incident", lead=TO, default=Default.CHOSEN, among=Among.CLOSED)
BOOKED = Part(Sort.INCIDENT, "incident", lead=TO, among=Among.BOOKED)
ANY = Part(Sort.INCIDENT, "incident", lead=TO, default=Default.CHOSEN, among=Among.ANY)
CALL = Part(Sort.CALL, "call")
REASON = Part(Sort.WORDS, "reason", title=_("reason"))
OUTCOME = Part(Sort.WORDS, "outcome", title=_("outcome"))
BECAUSE_REASON = Part(Sort.WORDS, "reason", lead=BECAUSE, led=True, title=_("reason"))
KIND = Part(Sort.KIND, "kind")
USUAL = Part(Sort.PRIORITY, "priority", default=Default.USUAL)
PLACE = Part(Sort.PLACE, "address", lead=AT, led=True)
UNVERIFIED = Part(
    Sort.WORDS, "unverified", lead=("unverified", "未核实"), led=True, need=False,
    title=_("why the place is unverified"),
)  # fmt: skip
SPOKEN = Part(Sort.WORDS, "words", verbatim=True, sealed=True)
