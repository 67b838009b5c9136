"""What the routes of a page need of the application they belong to.

``app.App`` is that application. It knows every page's routes, so these know it only by this shape,
and only for the type checker: importing it would be a circle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from litestar import Request

if TYPE_CHECKING:
    from answerable.console.api import Api
    from answerable.console.bar.service import Bar
    from answerable.console.forms import Forms
    from answerable.console.front import Front
    from answerable.console.language import Language
    from answerable.console.live import Live
    from answerable.console.pages import Pages
    from answerable.console.repeating.finder import Finder
    from answerable.console.session import Session
    from answerable.console.trying.trials import Trials

Req = Request[Any, Any, Any]


class Application(Protocol):
    """The parts every page may use, who asks, and how they read."""

    front: Front
    live: Live
    pages: Pages
    forms: Forms
    bar: Bar
    api: Api
    finder: Finder
    trials: Trials

    def session(self, request: Req) -> Session:
        """Return the session of a request. Raises Refused (401)."""
        ...

    def entering(self, request: Req, page: str) -> tuple[Session, Language, str]:
        """Return who asks, having seen that they may open ``page``, and how they read.

        Raises Refused (401, 403).
        """
        ...

    def look(self, request: Req) -> tuple[Language, str]:
        """Return the language and the theme of a request."""
        ...
