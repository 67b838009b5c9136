"""The pages of the door and of one's own account: read what the door knows, render a template."""

from __future__ import annotations

from typing import Any

import segno
from markupsafe import Markup

from answerable.access.keyring import seed_address
from answerable.access.passwords import LENGTH_MAX, LENGTH_MIN
from answerable.access.state import Account
from answerable.console.language import Language
from answerable.console.pages import Pages
from answerable.console.phrases import Phrases
from answerable.console.sanity import Refused
from answerable.console.session import Session


class DoorPages:
    """Makes every page of the door."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.front = pages.front

    def _words(self, lang: Language, theme: str, here: str) -> dict[str, Any]:
        """Return what every page of the door needs. ``here`` is where a language leads back to."""
        return {
            "theme": theme,
            "town_name": self.front.town.file.title.of(lang.tag),
            "attribution": " · ".join(self.front.town.file.attribution),
            "least": LENGTH_MIN, "most": LENGTH_MAX,
            "other_langs": self.front.other_languages(lang.tag, here),
        }  # fmt: skip

    def enter(
        self, lang: Language, theme: str, back: str, name: str = "",
        refusal: Refused | None = None, desk: str = "",
    ) -> str:  # fmt: skip
        """Return the page that asks for name and password, or the desks of a demonstration."""
        if self.front.demo is not None and refusal is None:
            return self.pages.door(lang, theme, back)
        return lang.render(
            "signin/enter.html", **self._words(lang, theme, "/enter"), back=back, name=name,
            refusal=told(refusal, lang), provider=self.front.door.provider, desk=desk[:24],
        )  # fmt: skip

    def code(
        self, lang: Language, theme: str, back: str, ticket: str, refusal: Refused | None = None
    ) -> str:
        """Return the page that asks for the code of the second factor."""
        return lang.render(
            "signin/code.html", **self._words(lang, theme, "/enter"), back=back, ticket=ticket,
            refusal=told(refusal, lang),
        )  # fmt: skip

    def link(
        self, lang: Language, theme: str, word: str, account: Account,
        refusal: Refused | None = None,
    ) -> str:  # fmt: skip
        """Return the page on which the holder of a one-time link sets a password."""
        return lang.render(
            "signin/link.html", **self._words(lang, theme, f"/link/{word}"), word=word,
            account=account.account, refusal=told(refusal, lang),
        )  # fmt: skip

    # -- one's own account -------------------------------------------------------------------

    def account(
        self, session: Session, lang: Language, theme: str, done: str = "",
        refusal: Refused | None = None,
    ) -> str:  # fmt: skip
        """Return one's own account: password, second factor, open sessions."""
        frame = self.pages.frame("account", session, lang, theme, "/account", f"account/{lang.tag}")
        known = self.front.door.state.accounts.get(session.account)
        return lang.render(
            "signin/account.html", **frame, done=done, refusal=told(refusal, lang), known=known,
            least=LENGTH_MIN, most=LENGTH_MAX,
            sessions=self._sessions(session, self.front.phrases(lang.tag)),
        )  # fmt: skip

    def _sessions(self, session: Session, phrases: Phrases) -> list[dict[str, Any]]:
        """Return the open sessions of an account, this one marked."""
        return [
            {
                "name": one.name,
                "here": one.name == session.name,
                "began": _moment(phrases, one.began_s),
                "seen": _moment(phrases, one.seen_s),
            }
            for one in self.front.door.sessions.of(session.account)
        ]

    def enrol(
        self, session: Session, lang: Language, theme: str, ticket: str, seed: str,
        refusal: Refused | None = None,
    ) -> str:  # fmt: skip
        """Return the page that shows a new second factor and asks for its first code."""
        frame = self.pages.frame("account", session, lang, theme, "/account", f"account/{lang.tag}")
        centre = f"Answerable {self.front.town.file.title.of('en')}"
        return lang.render(
            "signin/factor.html", **frame, ticket=ticket, refusal=told(refusal, lang),
            seed=" ".join(seed[n : n + 4] for n in range(0, len(seed), 4)),
            picture=picture(seed_address(seed, session.account, centre)),
        )  # fmt: skip


def told(refusal: Refused | None, lang: Language) -> dict[str, str] | None:
    """Return the three sentences of a refusal as a template has them."""
    if refusal is None:
        return None
    return dict(zip(("not_done", "because", "instead"), refusal.said(lang), strict=True))


def _moment(phrases: Phrases, at_s: float) -> str:
    at_us = int(at_s * 1_000_000)
    return f"{phrases.day(at_us)} {phrases.clock(at_us)}"


def picture(text: str) -> Markup:
    """Return a QR code as an SVG element, black on white in both themes."""
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704 - drawn by the library from modules, not from the text
