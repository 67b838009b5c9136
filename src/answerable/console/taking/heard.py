"""While a caller speaks: what the words mean, what to ask next, which incident it may be about.

``POST /take/heard`` gets the words typed so far in its body, never in an address; they are not
logged, not counted and not kept: nothing of a call is in the record before it is recorded.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, place
from answerable.console.sanity import Refused
from answerable.dispatch.nearby import Candidate
from answerable.intake.propose import Heard, Proposal, Rules
from answerable.intake.words import Lat, Lon
from answerable.towns.model import Town
from answerable.towns.narrative import Instruction, Question
from answerable.towns.titles import Title

HEARD_BYTES_MAX = 32_768
"""The longest body that is read: 4,000 signs of any writing, escaped, and what goes with them."""
NEAR_MAX = 5
_Code = Annotated[str, msgspec.Meta(max_length=64)]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the form: the words so far, kind and priority, the place.

    ``held`` names what the call-taker chose: over that nothing is proposed. ``script`` is the kind
    whose questions the page has already.
    """

    words: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    kind: _Code = ""
    priority: _Code = ""
    held: tuple[Literal["kind", "priority"], ...] = ()
    lon: Lon | None = None
    lat: Lat | None = None
    script: _Code | None = None


def asked_of(body: bytes) -> Asked:
    """Decode what stands in the form. Raises Refused (400), which never repeats the words."""
    try:
        return msgspec.json.decode(body, type=Asked)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(
            400, "console.BadNarrative", "Not read.",
            "This is not what the form for taking a call sends.",
            "Load the page again; what you typed is kept in this tab.",
        ) from error  # fmt: skip


class Hearing:
    """The town's word rules made ready, and its answers for one form. One per process."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.rules = rules_of(front.town)

    def answer(self, asked: Asked, phrases: Phrases) -> dict[str, Any]:
        """Return what is proposed, the questions where the kind is another, and what is near."""
        held = asked.held
        proposed = self.rules.propose(
            asked.words,
            asked.kind if "kind" in held else "",
            asked.priority if "priority" in held else "",
        )
        kind = asked.kind or proposed.kind
        return {
            "proposal": told(proposed, asked, phrases),
            "script": None if asked.script == kind else script(kind, phrases),
            "near": self.near(kind, asked, phrases),
        }

    def near(self, kind: str, asked: Asked, phrases: Phrases) -> str:
        """Return the incidents that this call may be about, as a list; the likeliest first."""
        found: list[Candidate] = []
        if asked.lon is not None and asked.lat is not None:
            found = self.front.nearby.like(
                kind, asked.lon, asked.lat, self.front.now_us(), most=NEAR_MAX
            )
        rows = [candidate(one, phrases) for one in found]
        asks = asked.lon is None
        return phrases.lang.render("taking/near.html", near=rows, asks_place=asks)


def rules_of(town: Town) -> Rules:
    """Return a town's word rules, ready to be asked."""
    return Rules(town.narrative, {kind.code: kind.priority for kind in town.file.kinds})


def told(proposed: Proposal, asked: Asked, phrases: Phrases) -> dict[str, Any] | None:
    """Return a proposal as the page shows it; None where it is what stands in the form."""
    kind = proposed.kind or asked.kind
    priority = proposed.priority or asked.priority
    if not proposed or (kind, priority) == (asked.kind, asked.priority):
        return None
    lang = phrases.lang
    return {
        "kind": proposed.kind,
        "priority": proposed.priority,
        "what": lang.say(_("{kind}, priority {priority}"), kind=phrases.kind(kind),
                         priority=priority),
        "because": " · ".join(because(one, phrases) for one in proposed.because),
    }  # fmt: skip


def because(heard: Heard, phrases: Phrases) -> str:
    """Return one reason: the caller's own words, and what they mean here."""
    words = phrases.lang.join(f"“{word}”" for word in heard.words)
    why = Title(heard.why).of(phrases.lang.tag)
    return phrases.lang.say(_("because: {words}: {why}"), words=words, why=why)


def script(kind: str, phrases: Phrases) -> dict[str, Any]:
    """Return what is asked and read out for a kind: a list for the page, the effects for it."""
    asked = phrases.town.script
    questions = asked.asked(kind) if kind else ()
    brought = {answer.instruct for question in questions for answer in question.answers} - {""}
    always = {one.code for one in asked.always(kind)}
    read = [one for one in asked.instructions if one.code in brought | always]
    html = phrases.lang.render(
        "taking/script.html",
        questions=[question_of(one, phrases) for one in questions],
        instructions=[instruction_of(one, phrases, one.code in always) for one in read],
    )
    return {"of": kind, "html": html}


def question_of(question: Question, phrases: Phrases) -> dict[str, Any]:
    """Return a question with its answers, each with what follows from it in words."""
    return {
        "code": question.code,
        **both(question.ask, phrases),
        "answers": [
            {
                "number": number,
                **both(answer.say, phrases),
                "kind": answer.kind,
                "priority": answer.priority,
                "instruct": answer.instruct,
                "effect": effect(answer.kind, answer.priority, phrases),
            }
            for number, answer in enumerate(question.answers, start=1)
        ],
    }


def instruction_of(one: Instruction, phrases: Phrases, always: bool) -> dict[str, Any]:
    """Return an instruction; what is not read out always waits for the answer that brings it."""
    return {"code": one.code, "always": always, **both(one.say, phrases)}


def both(said: dict[str, str], phrases: Phrases) -> dict[str, Any]:
    """Return words in the desk's language, and in the town's others for whoever speaks those."""
    title = Title(said)
    own = title.tag_for(phrases.lang.tag) or "en"
    others = [(tag, text) for tag, text in title.items() if tag != own]
    return {"text": title.of(phrases.lang.tag), "others": others}


def effect(kind: str, priority: str, phrases: Phrases) -> str:
    """Return what an answer changes, in a few words; "" where nothing."""
    named = phrases.kind(kind) if kind else ""
    raised = phrases.lang.say(_("priority {priority}"), priority=priority) if priority else ""
    return ", ".join(part for part in (named, raised) if part)


WHY = {
    "metres away": _("{figure} m away"),
    "minutes ago": _("{figure} min ago"),
    "same kind": _("same kind"),
    "same service": _("same service"),
    "another kind": _("another kind"),
    "merged into it": _("merged into it"),
}
"""Why an incident is thought of, in words; a state of it speaks for itself."""


def candidate(one: Candidate, phrases: Phrases) -> dict[str, Any]:
    """Return an incident that this call may be about, as a row, with the reasons."""
    lang = phrases.lang
    why = [
        lang.say(WHY[reason.code], figure=lang.number(reason.figure))
        if reason.code in WHY
        else lang(reason.code)
        for reason in one.because
    ]
    return {
        "incident": one.incident,
        "kind": phrases.kind(one.kind),
        "address": place(one.address),
        "why": " · ".join(why),
    }
