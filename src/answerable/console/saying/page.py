"""The page on which a caller answers, as its template reads it."""

from __future__ import annotations

from typing import Any, NamedTuple

from answerable.console.front import Front
from answerable.console.language import Language, _, language, languages
from answerable.console.sanity import Refused
from answerable.console.saying.links import Link
from answerable.followup.back_words import QUESTIONS
from answerable.towns.following import Script
from answerable.towns.titles import Title

WORDS_MAX = 4_000
TITLES = {
    "manner": _("How we spoke with you"), "speed": _("How soon help came"),
    "result": _("What was done about it"), "overall": _("All in all"),
}  # fmt: skip
"""Short names of the questions, also as the figures are headed by them."""


class Given(NamedTuple):
    """What a form of the page has: a mark for each question (0: none), words, and a wish."""

    marks: dict[str, int]
    words: str = ""
    wants: bool = False

    @property
    def nothing(self) -> bool:
        """Whether nothing at all was said."""
        return not (any(self.marks.values()) or self.words or self.wants)


NOTHING = Given(dict.fromkeys(QUESTIONS, 0))


def given_in(form: dict[str, str]) -> Given:
    """Return what a form has. Raises Refused (400) for a mark that the page does not offer."""
    marks = {}
    for question in QUESTIONS:
        mark = form.get(question, "")
        if mark not in ("", "1", "2", "3", "4", "5"):
            raise Refused(
                400, "console.BadForm", "Not read.", "The form is malformed: {error}.",
                "Load the page again and repeat it.", error=question,
            )  # fmt: skip
        marks[question] = int(mark or 0)
    words = form.get("words", "").strip()
    if len(words) > WORDS_MAX:
        raise Refused(
            400, "console.BadForm", "Not read.", "The form is malformed: {error}.",
            "Load the page again and repeat it.", error=f"words > {WORDS_MAX}",
        )  # fmt: skip
    return Given(marks, words, form.get("wants", "") == "yes")


def tongue(front: Front, link: Link, wanted: str) -> Language:
    """Return the language of the page: the one asked for, or else the one the caller spoke."""
    if wanted in languages():
        return language(wanted)
    return language(link.lang)


def page(front: Front, link: Link, lang: Language, given: Given) -> dict[str, Any]:
    """Return what the page shows: the town's own questions, and the day of the call."""
    script = front.town.following.script
    return {
        "day": front.saying.day_of(link.call, lang.tag),
        "questions": [
            {"name": name, "title": lang(TITLES[name]), "ask": _asked(script, name, lang),
             "mark": given.marks[name]}
            for name in QUESTIONS
        ],
        "marks": _marks(script, lang),
        "words": given.words, "wants": given.wants, "most": WORDS_MAX,
    }  # fmt: skip


def _asked(script: Script | None, name: str, lang: Language) -> str:
    """Return how the town asks a question, "" where it has no script."""
    found = (one.ask for one in script.questions if one.about == name) if script else iter(())
    said = next(found, None)
    return Title(said).of(lang.tag) if said else ""


def _marks(script: Script | None, lang: Language) -> list[dict[str, str]]:
    named = [Title(mark).of(lang.tag) for mark in script.marks] if script else [""] * 5
    return [{"mark": str(nth), "name": name} for nth, name in enumerate(named, 1)]
