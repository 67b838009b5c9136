"""Where in a file a value stands: lines and columns for TOML and JSON.

The standard parsers tell a position only for text they cannot parse, and tomlkit keeps none either,
so the places are found by one walk over text that has been parsed already: it may trust the text to
be well formed, and so stays small.
"""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator

from answerable.towns.check.finding import Place

Path = tuple[str | int, ...]
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_STRINGS = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.DOTALL
)


class Lines:
    """Turns offsets of a text into lines and columns, counted from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, offset: int) -> Place:
        """Return the line and column of an offset."""
        line = bisect.bisect_right(self._starts, offset)
        return Place(line, offset - self._starts[line - 1] + 1)


class TomlPlaces:
    """The place of every key and every element of an array in a TOML text."""

    def __init__(self, text: str) -> None:
        """Walk over a text that ``tomllib`` has read without an error."""
        self._text = text
        self._at = 0
        self._found: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        self._lines = Lines(text)
        self._document()

    @property
    def paths(self) -> set[Path]:
        """Return every path that was found."""
        return set(self._found)

    def place(self, path: Path) -> Place:
        """Return where a value stands, or the nearest thing around it that is in the text."""
        while path and path not in self._found:
            path = path[:-1]
        return self._lines.place(self._found[path]) if path else Place(1, 1)

    # -- the walk ----------------------------------------------------------------------------

    def _document(self) -> None:
        table: Path = ()
        self._skip()
        while self._at < len(self._text):
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)
            self._skip()

    def _header(self) -> Path:
        """Read ``[a.b]`` or ``[[a.b]]``; return the path of the table it opens."""
        begin = self._at
        many = self._text.startswith("[[", self._at)
        self._at += 1 + many
        keys = self._keys()
        self._at += 1 + many
        path: Path = ()
        for key in keys[:-1]:
            path = self._last((*path, key), begin)
        path = (*path, keys[-1])
        self._found.setdefault(path, begin)
        if many:
            self._counts[path] = self._counts.get(path, -1) + 1
            path = (*path, self._counts[path])
            self._found[path] = begin
        return path

    def _last(self, path: Path, begin: int) -> Path:
        """Return a path, taken on to the last element where it is an array of tables."""
        self._found.setdefault(path, begin)
        return (*path, self._counts[path]) if path in self._counts else path

    def _pair(self, table: Path) -> None:
        """Read ``a.b = value``."""
        begin = self._at
        path = table
        for key in self._keys():
            path = (*path, key)
            self._found.setdefault(path, begin)
        self._at += 1  # the equals sign
        self._value(path)

    def _keys(self) -> list[str]:
        """Read a dotted key up to what follows it."""
        keys = []
        while True:
            self._skip()
            quoted = _STRINGS.match(self._text, self._at)
            bare = quoted or _BARE_KEY.match(self._text, self._at)
            assert bare is not None, "the text is not what was parsed"
            keys.append(_unquoted(bare[0]) if quoted else bare[0])
            self._at = bare.end()
            self._skip()
            if not self._text.startswith(".", self._at):
                return keys
            self._at += 1

    def _value(self, path: Path) -> None:
        self._skip()
        if self._text.startswith("[", self._at):
            self._array(path)
        elif self._text.startswith("{", self._at):
            self._inline(path)
        elif string := _STRINGS.match(self._text, self._at):
            self._at = string.end()
        else:
            scalar = _SCALAR.match(self._text, self._at)
            assert scalar is not None
            self._at = scalar.end()

    def _array(self, path: Path) -> None:
        self._at += 1
        for index in self._parts("]"):
            self._found[*path, index] = self._at
            self._value((*path, index))

    def _inline(self, path: Path) -> None:
        self._at += 1
        for _index in self._parts("}"):
            self._pair(path)

    def _parts(self, close: str) -> Iterator[int]:
        """Yield once for every part between commas, up to the closing mark, and pass that."""
        index = 0
        while True:
            self._skip()
            if self._text.startswith(close, self._at):
                self._at += 1
                return
            yield index
            index += 1
            self._skip()
            if self._text.startswith(",", self._at):
                self._at += 1

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        assert found is not None
        self._at = found.end()


def _unquoted(text: str) -> str:
    """Return a quoted key as it is meant."""
    return str(json.loads(text)) if text.startswith('"') else text[1:-1]


def feature_places(text: str) -> list[Place]:
    """Return where each feature of a GeoJSON text begins; [] where it has no list of features."""
    begin = re.search(r'"features"\s*:\s*\[\s*', text)
    if begin is None:
        return []
    decode, lines, at, found = json.JSONDecoder().raw_decode, Lines(text), begin.end(), []
    while at < len(text) and text[at] != "]":
        found.append(lines.place(at))
        at = decode(text, at)[1]
        gap = re.compile(r"[\s,]*").match(text, at)
        assert gap is not None
        at = gap.end()
    return found
