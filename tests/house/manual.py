"""Reading the manual as a machine: its links, and the examples in it that must run.

A fenced block whose info string ends in ``tested`` is run (``python tested``, ``sh tested``); where
the next block is ``output``, what was printed must be that.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(.*)$")
HEADING = re.compile(r"^#{1,6} +(.+?)\s*$")


class Block(NamedTuple):
    """A fenced block: the line it begins at, its info string, its text."""

    line: int
    info: str
    text: str


class Example(NamedTuple):
    """A block that must run, and what it must print (None where nothing is said)."""

    page: Path
    block: Block
    output: str | None


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page."""
    found: list[Block] = []
    inside: list[str] | None = None
    info, line = "", 0
    for number, content in enumerate(text.splitlines(), 1):
        fence = FENCE.match(content)
        if fence and inside is None:
            inside, info, line = [], fence[1].strip(), number
        elif fence and inside is not None:
            found.append(Block(line, info, "\n".join(inside) + "\n"))
            inside = None
        elif inside is not None:
            inside.append(content)
    return found


def examples(page: Path) -> Iterator[Example]:
    """Yield the examples of a page that must run."""
    found = blocks(page.read_text(encoding="utf-8"))
    for block, following in itertools.pairwise([*found, Block(0, "", "")]):
        if block.info.endswith(" tested"):
            output = following.text if following.info == "output" else None
            yield Example(page, block, output)


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    lines, inside = [], False
    for content in text.splitlines():
        if FENCE.match(content):
            inside = not inside
        elif not inside:
            lines.append(content)
    return "\n".join(lines)


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    made: set[str] = set()
    for content in prose(text).splitlines():
        if heading := HEADING.match(content):
            plain = re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading[1]).lower()
            made.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return made


def broken_links(page: Path, root: Path) -> list[str]:
    """Return the links of a page that lead nowhere in the repository."""
    broken = []
    text = page.read_text(encoding="utf-8")
    for match in LINK.finditer(prose(text)):
        target = match[1] or match[2]
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if (
            not path.exists()
            or not path.is_relative_to(root)
            or (anchor and anchor not in anchors(path.read_text(encoding="utf-8")))
        ):
            broken.append(target)
    return broken
