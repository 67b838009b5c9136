"""A served centre and desks in a real browser, as the tests of presence have them."""

from __future__ import annotations

from tests.console.presence.conftest import chrome, desk, served

__all__ = ["chrome", "desk", "served"]
