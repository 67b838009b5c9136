"""What is wrong with a form that cannot be read, said in the words of its fields."""

from __future__ import annotations

import re

from answerable.console.acts import FIELDS
from answerable.console.language import Language, _
from answerable.console.sanity import Refused

AT = re.compile(r"at `\$\.(\w+)`")
MISSING = re.compile(r"missing required field `(\w+)`")
MOST = re.compile(r"length <= (\d+)")
NOTHING_DONE = _("Nothing was recorded.")
CORRECT = _("Correct that field and send it again.")
SHOWN_MAX = 40


def named(field: str, lang: Language) -> str:
    """Return a field as the form calls it."""
    return lang(FIELDS.get(field, field))


def not_a_number(field: str, text: str, lang: Language) -> Refused:
    """Return the refusal of a field that should hold a number."""
    return Refused(
        400,
        "console.BadField",
        NOTHING_DONE,
        _("{field}: {text} is not a number."),
        CORRECT,
        field=named(field, lang),
        text=text[:SHOWN_MAX],
    )


def of_form(error: object, lang: Language) -> Refused:
    """Return the refusal of a form whose command could not be read; ``error`` is the decoder's."""
    said = str(error)
    because, values = _because(said, lang)
    return Refused(400, "console.BadField", NOTHING_DONE, because, CORRECT, **values)


def _because(said: str, lang: Language) -> tuple[str, dict[str, str]]:
    if missing := MISSING.search(said):
        return _("{field} is empty."), {"field": named(missing[1], lang)}
    at = AT.search(said)
    if at is None:
        return "{error}.", {"error": said}
    field = {"field": named(at[1], lang)}
    if at[1] in ("lon", "lat"):
        return _(
            "{field} is not on the earth: longitude runs from −180 to 180, latitude from −90 to 90."
        ), field
    if most := MOST.search(said):
        return _("{field} is longer than {most} characters."), field | {"most": most[1]}
    return _("{field} cannot be read as it stands."), field
