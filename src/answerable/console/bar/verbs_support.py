"""The verb of specialist support: a unit asks, by radio, for help that it does not have."""

from __future__ import annotations

from answerable.console.bar.grammar import Part, Sort, Verb
from answerable.console.bar.parts import ON_JOB, UNIT
from answerable.console.language import _

VERBS = (
    Verb(
        "support", ("支撑",), _("a unit asks for specialist support, such as a dog"),
        _("{unit} would ask for support on {incident}: {support}"),
        "/support E03 dog urgent in the cellar", "/支撑 E03 警犬 加急 地下室",
        command="matters.AskSupport",
        parts=(UNIT, Part(Sort.SUPPORT, "kind"), ON_JOB,
               Part(Sort.CHOICE, "urgent", need=False, choices={"urgent": ("urgent", "加急")},
                    title=_("“urgent”")),
               Part(Sort.WORDS, "words", need=False, verbatim=True, sealed=True)),
    ),
)  # fmt: skip
