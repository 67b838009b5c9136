"""Languages: English is written in the code, every other language is one gettext catalogue.

``locale/<language>/LC_MESSAGES/answerable.po`` is read as it is, without a compiling step, and is
all that a language needs: the folder names its tag, ``Language-Name`` in the header what its own
speakers call it, and Babel knows how it writes dates and numbers. A house test fails on a message
that is missing from a catalogue and on one that nobody uses.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import jinja2
from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from answerable.console.ordering import sort_key
from answerable.kernel.event import fill

ENGLISH = "en"
"""The language the code is written in."""
OWN_NAME = re.compile(r'^"Language-Name: *(.+?) *\\n"', re.MULTILINE)
HERE = Path(str(files("answerable.console")))
LOCALES = HERE / "locale"
FILE = Path("LC_MESSAGES") / "answerable.po"
DAY_S, HOUR_S = 86_400, 3_600
WIDE = frozenset({"zh", "ja"})
"""Languages whose marks are as wide as their letters, with no space after them."""


def _(text: str) -> str:
    """Mark a message for the catalogues."""
    return text


DAYS, HOURS = _("{days} d {hours} h"), _("{hours} h {minutes}")


class Language:
    """One language: its messages and its way of writing dates and numbers."""

    def __init__(self, tag: str, messages: dict[str, str]) -> None:
        self.tag = tag
        self.messages = messages
        self.locale = _locale(tag)
        middle = str(self.locale.list_patterns["standard"]["middle"])
        self._between = middle.replace("{0}", "").replace("{1}", "")
        self.colon = "：" if tag.split("-")[0] in WIDE else ": "
        self.environment = _environment(self)

    def __call__(self, text: str) -> str:
        """Return a message in this language; the English text where it has none."""
        return self.messages.get(text, text)

    def plural(self, one: str, many: str, count: int) -> str:
        """Return the message for a count; Chinese has one form, English two."""
        return self(one if count == 1 else many)

    def say(self, template: str, **values: object) -> str:
        """Return a message with its ``{holes}`` filled."""
        return fill(self(template), values)

    def day(self, date: datetime.date) -> str:
        """Return a date as people write it: 2 Apr 2020, 2020年4月2日."""
        return str(format_skeleton("yMMMd", date, locale=self.locale))

    def days(self, first: datetime.date, last: datetime.date) -> str:
        """Return a range of dates; the one day alone where it is no range."""
        if first == last:
            return self.day(first)
        return self.say(_("{first} to {last}"), first=self.day(first), last=self.day(last))

    def counted(self, one: str, many: str, count: int) -> str:
        """Return a count with its noun: 1 incident, 18,050 incidents."""
        return fill(self.plural(one, many, count), {"count": self.number(count)})

    def number(self, number: float) -> str:
        """Return a count with the language's own marks: 48,213, or 48.213."""
        return str(format_decimal(number, locale=self.locale))

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share of one as a percentage, the sign where the language puts it: 95 %."""
        decimals = f".{'0' * digits}" if digits else ""
        pattern = self.locale.percent_formats[None].pattern.split(";")[0]
        wanted = pattern.replace("#,##0", f"#,##0{decimals}")
        return str(format_percent(share, format=wanted, locale=self.locale))

    def join(self, parts: Iterable[str]) -> str:
        """Return a list with the language's own mark between its parts: E03, T03 or E03、T03."""
        return self._between.join(parts)

    def length(self, seconds: float) -> str:
        """Return a length of time as a clock shows it: 2:10, or 3 h 12, or 2 d 4 h."""
        whole = int(abs(seconds))
        sign = "−" if seconds < 0 else ""
        if whole >= DAY_S:
            told = self.say(DAYS, days=whole // DAY_S, hours=whole % DAY_S // HOUR_S)
        elif whole >= HOUR_S:
            minutes = f"{whole % HOUR_S // 60:02d}"
            told = self.say(HOURS, hours=whole // HOUR_S, minutes=minutes)
        else:
            told = f"{whole // 60}:{whole % 60:02d}"
        return f"{sign}{told}"

    def key(self, text: str) -> tuple[tuple[int, int, str], ...]:
        """Return the key by which this language sorts names: by sound in Chinese, E2 before E10."""
        return sort_key(text, self.tag)

    def render(self, template: str, **context: object) -> str:
        """Render a template of this package in this language."""
        return self.environment.get_template(template).render(lang_tag=self.tag, **context)


def _locale(tag: str) -> Locale:
    """Return how a language writes dates and numbers; as English where nobody knows."""
    try:
        return Locale.parse("en_GB" if tag == ENGLISH else tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def _environment(language: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        auto_reload=False,  # else every rendering asks the disk whether its template changed
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        language, language.plural, newstyle=True
    )
    environment.globals["token"] = ""
    environment.globals["lengths"] = {"days": language(DAYS), "hours": language(HOURS)}
    return environment


# -- which there are -------------------------------------------------------------------------


@functools.cache
def catalogues() -> dict[str, Path]:
    """Return every catalogue there is, by tag: the folder zh_CN is the language zh-CN."""
    found = sorted(LOCALES.glob(f"*/{FILE}"))
    return {path.parent.parent.name.replace("_", "-"): path for path in found}


@functools.cache
def languages() -> dict[str, str]:
    """Return tag and own name of each language; the first is the one the code is written in."""
    return {ENGLISH: "English"} | {tag: _own_name(tag) for tag in catalogues()}


def _own_name(tag: str) -> str:
    """Return what a language calls itself: by its catalogue, else by what Babel knows."""
    told = OWN_NAME.search(catalogues()[tag].read_text(encoding="utf-8"))
    return told[1] if told else str(_locale(tag).get_display_name())


def read_messages(tag: str) -> dict[str, str]:
    """Read a catalogue; English has none. Fuzzy and empty entries do not count."""
    if tag not in catalogues():
        return {}
    with catalogues()[tag].open("rb") as file:
        catalogue = read_po(file)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }


@functools.cache
def language(tag: str) -> Language:
    """Return a language by tag; English for one we do not have."""
    known = tag if tag in languages() else ENGLISH
    return Language(known, read_messages(known))


# -- which is wanted -------------------------------------------------------------------------


def preferred(cookie: str, accept: str) -> Language:
    """Return the language a person chose, or else the one their browser likes best.

    ``accept`` is Accept-Language (RFC 9110, 12.5.4): the highest quality wins, the order decides
    between equals, what has the quality 0 is not taken, and "*" is any other one.
    """
    if cookie in languages():
        return language(cookie)
    wanted = list(_ranges(accept))
    refused = [tag for tag, quality in wanted if quality == 0 and tag != "*"]
    for tag, quality in sorted(wanted, key=lambda one: -one[1]):
        if quality > 0 and (found := _served(tag, refused)):
            return language(found)
    return language(ENGLISH)


def _ranges(accept: str) -> list[tuple[str, float]]:
    """Return the ranges of a header with their qualities; one that is malformed is left out."""
    found = []
    for part in accept.split(","):
        tag, _sign, rest = part.partition(";")
        name, _equals, value = rest.strip().partition("=")
        try:
            quality = float(value) if name.strip().lower() == "q" else 1.0
        except ValueError:
            continue
        if tag.strip() and 0 <= quality <= 1:
            found.append((tag.strip().lower(), quality))
    return found


def _served(wanted: str, refused: list[str]) -> str:
    """Return the language that serves a range: itself, a part of it, or a near one; "" for none."""
    offered = [tag for tag in languages() if not any(_within(tag, no) for no in refused)]
    if wanted == "*":
        return next(iter(offered), "")
    same = [tag for tag in offered if _within(tag, wanted)]
    near = [tag for tag in offered if tag.lower().split("-")[0] == wanted.split("-")[0]]
    return next(iter([*same, *near]), "")


def _within(tag: str, wanted: str) -> bool:
    """Say whether a tag is a range or more closely said: zh-CN is within zh."""
    return f"{tag.lower()}-".startswith(f"{wanted}-")
