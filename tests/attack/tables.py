"""The frozen tables: what every role may do, see and open, and who may ask at which address.

``matrix.txt`` is made from ``authority.toml`` and the rooms, ``routes.txt`` is written by hand.
Both are compared with the product: no right and no address changes without being seen in review::

    python -m tests.attack.tables            # writes matrix.txt again
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from answerable.kernel.authority import Authority, Holder
from answerable.kernel.event import Mark
from answerable.kernel.room import Rooms
from answerable.rooms import product
from tests.attack.scene import Route

HERE = Path(__file__).parent
MATRIX, ROUTES = HERE / "matrix.txt", HERE / "routes.txt"
HEAD = """\
# Every role against every command, page, mark and holder: "+" given, "." denied.
# Made by `python -m tests.attack.tables` from authority.toml and the rooms; each cell is proved
# against a running service by test_permission_matrix.py. A changed line here is a changed right.
"""


class Cell(NamedTuple):
    """One decision: whether a role is given a thing."""

    sort: str
    thing: str
    role: str
    given: bool


def things(rooms: Rooms) -> list[tuple[str, str]]:
    """Return everything that can be given: sort and name."""
    pages = sorted({page for rights in rooms.authority.roles.values() for page in rights.pages})
    return [
        *(("holder", str(one)) for one in Holder),
        *(("mark", str(one)) for one in Mark),
        *(("page", page) for page in pages),
        *(("command", tag) for tag in rooms.commands),
    ]


def is_given(authority: Authority, role: str, sort: str, thing: str) -> bool:
    """Say whether the table gives a role a thing."""
    rights = authority.roles[role]
    held = {"holder": rights.held_by, "mark": rights.sees, "page": rights.pages,
            "command": rights.commands}[sort]  # fmt: skip
    return thing in {str(one) for one in held}


def cells(rooms: Rooms) -> list[Cell]:
    """Return every cell of the matrix."""
    return [
        Cell(sort, thing, role, is_given(rooms.authority, role, sort, thing))
        for sort, thing in things(rooms)
        for role in rooms.authority.roles
    ]


def matrix(rooms: Rooms) -> str:
    """Return the matrix as it is frozen: a line a thing, a column a role."""
    roles = list(rooms.authority.roles)
    listed = things(rooms)
    wide = max(len(f"{sort} {thing}") for sort, thing in listed)
    lines = [" " * wide + " | " + " ".join(roles)]
    for sort, thing in listed:
        marks = [
            ("+" if is_given(rooms.authority, role, sort, thing) else ".").ljust(len(role))
            for role in roles
        ]
        lines.append(f"{sort} {thing}".ljust(wide) + " | " + " ".join(marks).rstrip())
    return HEAD + "\n".join(lines) + "\n"


class Door(NamedTuple):
    """Who may ask at an address: ``how`` is page, public, session, command or machine."""

    route: Route
    how: str
    what: str


def doors(text: str) -> list[Door]:
    """Read ``routes.txt``: method, address, how, and the page or the reason."""
    found = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            method, path, how, what = (part.strip() for part in line.split(None, 3))
            found.append(Door(Route(method, path), how, what))
    return found


if __name__ == "__main__":
    MATRIX.write_text(matrix(product()), "utf-8")
