"""Dead letters: what hooks were not told, for the page of adapters; the acts are commands.

``access.RetryLetters`` and ``access.DropLetters`` are recorded like everything else, so the page,
the API and the command line do the same, and the record says who gave up what and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from answerable.access import words as access
from answerable.console.admin.asks import Ask, reason
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases
from answerable.console.sanity import Refused, new_key
from answerable.exchange.hooks.letters import Letter
from answerable.kernel.event import Command

SHOWN_MAX = 50
WHYS = (
    _("no answer came within {seconds} s"), _("there is no such name"), _("nothing answers there"),
    _("it answered {status}"), _("its certificate is not believed"),
    _("it leads elsewhere ({status}), which is not followed"),
    _("the address is malformed"), _("the address is not one of http or https"),
    _("the address holds a name or a password"), _("its secret is not in the keyring"),
    _("the connection broke before the answer"), _("its secret is not one"),
    _("the record does not hold these events any more"),
    _("it leads to {place}, inside the network, which is not allowed"),
    _("the program failed while writing it"),
)  # fmt: skip
"""Why a letter was not taken, as the couriers write it."""


TO = "/admin/adapters/do"


def stands(front: Front, lang: Language, phrases: Phrases, *, may: bool) -> list[dict[str, Any]]:
    """Return how every hook stands, those with dead letters first.

    ``may`` says whether the reader may act on them; each then has its forms.
    """
    found = [
        {
            "hook": hook,
            "waiting": lang.number(one.waiting),
            "fails": one.failures > 0,
            "dead": one.dead,
            "retry": retrying(lang, hook) if may and one.dead > 1 else None,
            "drop": dropping(lang, hook) if may and one.dead > 1 else None,
            "letters": [
                shown(front, letter, phrases)
                | {
                    "retry": retrying(lang, hook, letter.first) if may else None,
                    "drop": dropping(lang, hook, letter.first) if may else None,
                }
                for letter in front.hooks.dead(hook)[:SHOWN_MAX]
            ],
        }
        for hook, one in front.hooks.numbers().items()
    ]
    return sorted(found, key=lambda one: (-int(str(one["dead"])), str(one["hook"])))


def retrying(lang: Language, hook: str, letter: int | None = None) -> Ask:
    """Return the form that has one dead letter, or all of them, tried again."""
    label = _("Try all again") if letter is None else _("Try again")
    effect = _("They are sent once more, and the hook is tried at once.")
    return Ask(TO, lang(label), lang(effect), (), _fixed(access.RetryLetters, hook, letter))


def dropping(lang: Language, hook: str, letter: int | None = None) -> Ask:
    """Return the form that drops one dead letter, or all of them, for a reason."""
    label = _("Drop all") if letter is None else _("Drop")
    effect = _("They are never delivered. The record keeps who dropped them, and why.")
    return Ask(
        TO, lang(label), lang(effect), (reason(lang),), _fixed(access.DropLetters, hook, letter)
    )


def _fixed(command: type[Command], hook: str, letter: int | None) -> dict[str, str]:
    one = {} if letter is None else {"letters": str(letter)}
    return {"type": command.tag, "hook": hook} | one


def named(text: str) -> list[int]:
    """Return the letters that a form names, by their first positions. Raises Refused (400)."""
    parts = text.split()
    if not parts or not all(part.isdecimal() and len(part) < 18 for part in parts):
        raise Refused(
            400, "console.NoLetter", "Not done.", "{text} is no letter.",
            "Load the page again and repeat it.", text=text[:40] or "–",
        )  # fmt: skip
    return [int(part) for part in parts]


def dead(front: Front) -> list[Letter]:
    """Return the dead letters of all hooks, the oldest first."""
    return [letter for hook in front.hooks.numbers() for letter in front.hooks.dead(hook)]


def shown(front: Front, letter: Letter, phrases: Phrases) -> dict[str, Any]:
    """Return a dead letter as its row shows it: which events, how often tried, why not taken."""
    row = next(iter(front.hub.store.rows(letter.first - 1, 1)), None)
    return {
        "first": letter.first,
        "last": letter.last,
        "events": letter.last - letter.first + 1,
        "at": f"{phrases.day(row.recorded_at)} {phrases.clock(row.recorded_at)}" if row else "",
        "tries": letter.tries,
        "why": said(letter.why, phrases),
    }


def said(why: str, phrases: Phrases) -> str:
    """Return why a letter was not taken, in a language."""
    for template in WHYS:
        head, hole, tail = template.partition("{")
        name, _brace, rest = tail.partition("}")
        if not hole and why == template:
            return phrases.lang(template)
        if hole and why.startswith(head) and why.endswith(rest):
            value = why[len(head) : len(why) - len(rest)]
            return phrases.lang.say(template, **{name: value})
    return why


def retry(hook: str, letters: Sequence[int] = ()) -> Command:
    """Return the command that has dead letters tried again; none named: all."""
    return access.RetryLetters(key=new_key("letters"), hook=hook, letters=tuple(letters))


def drop(hook: str, why: str, letters: Sequence[int] = ()) -> Command:
    """Return the command that drops dead letters for a reason; none named: all."""
    return access.DropLetters(key=new_key("letters"), hook=hook, letters=tuple(letters), reason=why)
