"""The routes of referring: the page, the address of GeoReport v2, the link portal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from answerable.console.portal import routes as portal
from answerable.console.referring import open311, pages

if TYPE_CHECKING:
    from answerable.console.application import Application


def routes(app: Application) -> list[Any]:
    """Return every route of this package."""
    return [*pages.routes(app), *open311.routes(app), *portal.routes(app)]
