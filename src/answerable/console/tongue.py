"""The language of the command line: that of ``--lang``, else of LC_ALL, LC_MESSAGES or LANG.

English costs nothing: the catalogues are read only where another language is asked for. What the
library of the command line itself says of a misspelt option stays as the library has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import typer

from answerable.kernel.event import fill


def _(text: str) -> str:
    """Mark a message for the catalogues."""
    return text


LIBRARY = {
    "ARGUMENTS_PANEL_TITLE": _("Arguments"), "OPTIONS_PANEL_TITLE": _("Options"),
    "COMMANDS_PANEL_TITLE": _("Commands"), "ERRORS_PANEL_TITLE": _("Error"),
    "DEFAULT_STRING": _("[default: {}]"), "REQUIRED_LONG_STRING": _("[required]"),
}  # fmt: skip
"""What the library prints around our own words, by the names it has there."""
HELP, USAGE = _("Show this message and exit."), _("Usage: ")
FROM = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first of these that is set decides, as everywhere."""
_spoken: ContextVar[Callable[[str], str]] = ContextVar("spoken", default=str)


def asked(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return the language that is asked for, as it was written; "" for none."""
    for number, word in enumerate(words):
        if word == "--lang":
            return next(iter(words[number + 1 :]), "")
        if word.startswith("--lang="):
            return word.partition("=")[2]
        if not word.startswith("-"):
            break  # the options of the whole program stand before the command
    named = next((environment[name] for name in FROM if environment.get(name)), "")
    return named.partition(".")[0].partition("@")[0].replace("_", "-")


def speak(wanted: str) -> Callable[[str], str]:
    """Speak a language from here on, or a near one that there is; returns it."""
    if not wanted or wanted.lower().split("-")[0] in ("en", "c", "posix"):
        _spoken.set(str)
    else:
        from answerable.console.language import preferred

        _spoken.set(preferred("", wanted))
    return _spoken.get()


def check(wanted: str) -> str:
    """Return a language that may be asked for with ``--lang``; raises typer.BadParameter."""
    from answerable.console.language import languages

    known = languages()
    if wanted and wanted.lower() not in (tag.lower() for tag in known):
        raise typer.BadParameter(
            said("There is no language {tag} here. Give one of: {known}.",
                 tag=wanted[:20], known=", ".join(known))
        )  # fmt: skip
    return wanted


def tag() -> str:
    """Return the tag of the language that is spoken."""
    return str(getattr(_spoken.get(), "tag", "en"))


def word(text: str) -> str:
    """Return a message in the language that is spoken, as it is in the catalogue."""
    return _spoken.get()(text)


def said(template: str, **values: object) -> str:
    """Return a message in the language that is spoken, with its holes filled."""
    return fill(word(template), values)


def translated(command: Any) -> Any:  # noqa: ANN401 - what the library makes of the functions
    """Return the program's commands with every help in the language that is spoken."""
    lang = _spoken.get()
    if lang is not str:
        from typer import rich_utils  # 50 ms, which no command in English pays

        for name, text in LIBRARY.items():
            setattr(rich_utils, name, lang(text))
        _translate(command, lang)
    return command


def _translate(command: Any, lang: Callable[[str], str]) -> None:  # noqa: ANN401 - as above
    if command.help:
        command.help = lang(command.help)
    offered = command.get_help_option(command.context_class(command))
    for param in (*command.params, *([offered] if offered else [])):
        if getattr(param, "help", None):
            param.help = lang(HELP if param is offered else param.help)
    usual = command.get_usage
    command.get_usage = lambda ctx: usual(ctx).replace(USAGE, lang(USAGE), 1)
    for one in getattr(command, "commands", {}).values():
        _translate(one, lang)
