"""Where a place gets its name (see ``matters/naming.py``, which folds count by)."""

from __future__ import annotations

from answerable.matters.naming import place_of as place_of
