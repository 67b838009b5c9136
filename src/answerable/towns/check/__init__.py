"""The checker of a town's files: ``check_town(folder)`` returns its findings."""

from answerable.towns.check.checker import check_town, counted, errors
from answerable.towns.check.finding import Finding

__all__ = ["Finding", "check_town", "counted", "errors"]
