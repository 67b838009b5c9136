"""The served centre, the browser and the desks of the tests of presence."""

from tests.console.presence.conftest import chrome, desk, served

__all__ = ["chrome", "desk", "served"]
