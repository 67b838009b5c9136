"""From what was typed to the names it may mean: exact, begun, spelt nearly so, in other words.

All names stand in a few tables that are built once. A look-up asks the exact table first; only
where that has no sure answer does it compare spellings (rapidfuzz, optimal string alignment: a
letter missing, added, wrong, or two that changed places, each count one).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from answerable.place.gazetteer.folding import has_han, parts, plain, sounds, two_letters
from answerable.place.gazetteer.naming import Key, bare, digits, keys, words_of

SURE = 0.93
NEAR_SPELT = 0.66
"""The least likeness of two spellings: two wrong letters in six."""
CANDIDATES = 8
PREFIX_MIN = 3
WORDS_MAX = 12


class Source(StrEnum):
    """Where a name comes from."""

    MAP = "map"
    OTHER = "other"
    ENGLISH = "en"
    CHINESE = "zh"
    LOCAL = "local"


class How(StrEnum):
    """How a name was recognised."""

    EXACT = "exact"
    KIND = "kind"
    BEGUN = "begun"
    SPELT = "spelt"
    WORDS = "words"
    SOUNDS = "sounds"


class Name(NamedTuple):
    """One name of one thing."""

    thing: int
    text: str
    source: Source


class Match(NamedTuple):
    """A name that may be meant, how well it fits (0 to 1), and how it was recognised."""

    name: Name
    score: float
    how: How


class Names:
    """All the names of one sort of thing, ready to be asked.

    Only names of streets (`streets`) have a kind of street that may be left out or wrong.
    """

    def __init__(self, names: Iterable[Name], *, streets: bool = True) -> None:
        self.names = tuple(names)
        self._streets = streets
        self._exact: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._words: dict[str, set[int]] = defaultdict(set)
        self._sounds: dict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(self.names):
            self._add(at, name)
        self._bases = sorted(self._exact)
        self._heard = sorted(self._sounds)

    def _add(self, at: int, name: Name) -> None:
        written = {name.text, two_letters(name.text)} if not name.text.isascii() else {name.text}
        for text in written:
            for key in self._keys(text):
                if (at, key.kind) not in self._exact[key.base]:
                    self._exact[key.base].append((at, key.kind))
            for word in bare(words_of(text)):
                self._words[word].add(at)
        if has_han(name.text):
            self._sounds[sounds(name.text)].append(at)

    def _keys(self, text: str) -> list[Key]:
        return keys(text) if self._streets else keys(text)[-1:]

    def __len__(self) -> int:
        return len(self.names)

    def exact(self, text: str) -> list[Match]:
        """Return the names that are just this, their kind of street perhaps left out or wrong."""
        best: dict[int, Match] = {}
        for rank, key in enumerate(self._keys(text)):
            for at, kind in self._exact.get(key.base, ()):
                score, how = _kinds(key.kind, kind)
                self._better(best, at, score - 0.01 * min(rank, 1), how)
        return _ranked(best)

    def find(self, text: str, limit: int = CANDIDATES, *, wide: bool = False) -> list[Match]:
        """Return the names that may be meant, best first; none for a text without letters.

        Spellings are compared where no name is sure, or where `wide` asks for it.
        """
        best = {match.name.thing: match for match in self.exact(text)}
        if not wide and any(match.score >= SURE for match in best.values()):
            return _ranked(best)[:limit]
        asked = self._keys(text)
        self._begun(asked, best)
        self._in_words(text, best)
        self._spelt(asked, best)
        self._sounding(text, best)
        return _ranked(best)[:limit]

    def _better(self, best: dict[int, Match], at: int, score: float, how: How) -> None:
        name = self.names[at]
        held = best.get(name.thing)
        score -= 0.005 if name.source in (Source.OTHER, Source.ENGLISH) else 0.0
        if held is None or score > held.score:
            best[name.thing] = Match(name, score, how)

    def _begun(self, asked: list[Key], best: dict[int, Match]) -> None:
        """Names that begin with what was typed so far."""
        for key in asked:
            if len(key.base) < PREFIX_MIN:
                continue
            first = bisect_left(self._bases, key.base)
            for base in self._bases[first : first + CANDIDATES + 1]:
                if not base.startswith(key.base):
                    break
                if base == key.base:
                    continue  # not begun, but there: exact() has weighed it
                for at, _kind in self._exact[base]:
                    self._better(best, at, 0.78 + 0.12 * len(key.base) / len(base), How.BEGUN)

    def _in_words(self, text: str, best: dict[int, Match]) -> None:
        """Names that hold all the words typed: "Carlton Goodlett" of "Dr Carlton B Goodlett Pl"."""
        words = bare(words_of(text))[:WORDS_MAX]
        sets = [self._words.get(word) for word in words]
        if not words or not all(sets):
            return
        common = set.intersection(*(s for s in sets if s))
        for at in sorted(common)[: 4 * CANDIDATES]:
            held = bare(words_of(self.names[at].text))
            share = len("".join(words)) / max(1, len("".join(held)))
            self._better(best, at, 0.7 + 0.2 * min(1.0, share), How.WORDS)

    def _spelt(self, asked: list[Key], best: dict[int, Match]) -> None:
        """Names spelt nearly like the likeliest reading: a comparison with all of them is dear."""
        for key in asked[:1]:
            if len(key.base) < 3:
                continue
            found = process.extract(
                key.base, self._bases, scorer=OSA.normalized_similarity,
                score_cutoff=NEAR_SPELT, limit=2 * CANDIDATES,
            )  # fmt: skip
            for base, alike, _ in found:
                if digits(base) != digits(key.base):
                    continue
                for at, kind in self._exact[base]:
                    score = 0.97 * alike * _kinds(key.kind, kind)[0]
                    self._better(best, at, score, How.SPELT)

    def _sounding(self, text: str, best: dict[int, Match]) -> None:
        """Chinese names by their pinyin: typed in Latin letters, or in other characters."""
        if not self._sounds:
            return
        heard = sounds(text) if has_han(text) else "".join(parts(plain(text)))
        if len(heard) < PREFIX_MIN:
            return
        found = process.extract(
            heard, self._heard, scorer=OSA.normalized_similarity, score_cutoff=0.8, limit=CANDIDATES
        )
        for word, alike, _ in found:
            for at in self._sounds[word]:
                self._better(best, at, 0.95 * alike, How.SOUNDS)


def _kinds(asked: str, kind: str) -> tuple[float, How]:
    """Weigh two kinds of street against each other."""
    if asked == kind:
        return 1.0, How.EXACT
    if not asked or not kind:
        return 0.97, How.EXACT
    return 0.88, How.KIND


def _ranked(best: dict[int, Match]) -> list[Match]:
    return sorted(best.values(), key=lambda m: (-m.score, m.name.text, m.name.thing))
