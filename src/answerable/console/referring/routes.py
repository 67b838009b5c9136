"""The routes of referring: the page, the address of GeoReport v2, the link portal."""

from __future__ import annotations

from typing import Any, Protocol

from answerable.console.portal import routes as portal
from answerable.console.referring import open311, pages


class Application(open311.Application, portal.Application, pages.Application, Protocol):
    """What the routes need of the application they belong to."""


def routes(app: Application) -> list[Any]:
    """Return every route of this package."""
    return [*pages.routes(app), *open311.routes(app), *portal.routes(app)]
