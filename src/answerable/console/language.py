"""Languages: English is written in the code, every other language is one gettext catalogue.

``locale/<language>/LC_MESSAGES/answerable.po`` is read as it is, without a compiling step. A house
test fails on a message that is missing from a catalogue and on one that nobody uses.
"""

from __future__ import annotations

import datetime
import functools
from importlib.resources import files
from pathlib import Path

import jinja2
from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po

from answerable.kernel.event import fill

LANGUAGES = {"en": "English", "zh-CN": "中文"}
"""Tag and own name of each language; the first is the one the code is written in."""
CATALOGUES = {"zh-CN": "zh_CN"}
HERE = Path(str(files("answerable.console")))


def _(text: str) -> str:
    """Mark a message for the catalogues."""
    return text


class Language:
    """One language: its messages and its way of writing dates and numbers."""

    def __init__(self, tag: str, messages: dict[str, str]) -> None:
        self.tag = tag
        self.messages = messages
        self.locale = Locale.parse(tag.replace("-", "_"))
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
        """Return a date as people write it: 2 Apr 2020."""
        pattern = "d MMM y" if self.tag == "en" else "y年M月d日"
        return str(format_date(date, pattern, locale=self.locale))

    def render(self, template: str, **context: object) -> str:
        """Render a template of this package in this language."""
        return self.environment.get_template(template).render(lang_tag=self.tag, **context)


def _environment(language: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
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
    return environment


def catalogue_path(tag: str) -> Path:
    """Return the path of a language's catalogue."""
    return HERE / "locale" / CATALOGUES[tag] / "LC_MESSAGES" / "answerable.po"


def read_messages(tag: str) -> dict[str, str]:
    """Read a catalogue; English has none. Fuzzy and empty entries do not count."""
    if tag not in CATALOGUES:
        return {}
    with catalogue_path(tag).open("rb") as file:
        catalogue = read_po(file)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }


@functools.cache
def language(tag: str) -> Language:
    """Return a language by tag; English for one we do not have."""
    known = tag if tag in LANGUAGES else "en"
    return Language(known, read_messages(known))


def preferred(cookie: str, accept: str) -> Language:
    """Return the language a person chose, or else the first one their browser asks for."""
    if cookie in LANGUAGES:
        return language(cookie)
    for part in accept.split(","):
        tag = part.split(";")[0].strip().lower()
        if tag.startswith("zh"):
            return language("zh-CN")
        if tag.startswith("en"):
            return language("en")
    return language("en")
