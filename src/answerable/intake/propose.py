"""What a caller's words mean by the town's rules: kind, priority, and why. Pure.

The rules (``narrative.toml``) are tried in their order. The first that fits and has a kind gives
the kind; the first that fits and speaks of that kind gives the priority, else it is the kind's
usual one. What the call-taker chose stands: for a chosen kind nothing but a priority is proposed,
for a chosen priority none.

Words are compared without regard to capitals. A text is read as *tokens*: words of letters, and
single signs of Chinese, so that both kinds of writing are matched alike. A mention counts for
nothing where a negation stands before it in the same clause, near enough: "no smoke", "没有冒烟".
A clause ends at a sign of punctuation, and at a word of turning ("but", "但"). Whoever says
"no smoke in the kitchen, smoke in the attic" has said smoke. A negation that is part of a doubt
("don't know", "是不是") denies nothing.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Mapping

import msgspec

from answerable.towns.narrative import NarrativeFile, WordRule

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{CJK}]|(?:(?![{CJK}])[^\W_])+(?:['’](?:(?![{CJK}])[^\W_])+)*\*?|[^\w\s'’*]")
_TURNING = frozenset(
    {"but", "however", "though", "although", "and", "just", "only", "但", "却", "只"}
)
WORDS_MAX = 4000
"""Signs of a narrative that are read: as long as a note may be."""

Span = tuple[int, int]
"""Where a phrase stands: its first token, and the one behind its last."""


class Heard(msgspec.Struct, frozen=True):
    """One reason: the rule, the caller's own words it heard, and what to say why (by language)."""

    rule: str
    words: tuple[str, ...]
    why: Mapping[str, str]


class Proposal(msgspec.Struct, frozen=True):
    """What is proposed: a kind, a priority, either "" where nothing is; and because of what."""

    kind: str = ""
    priority: str = ""
    because: tuple[Heard, ...] = ()

    def __bool__(self) -> bool:
        """Say whether anything is proposed."""
        return bool(self.kind or self.priority)


NOTHING = Proposal()


class _Text:
    """A narrative as tokens, with where its clauses end and where each token stands."""

    def __init__(self, words: str) -> None:
        self.words = words[:WORDS_MAX]
        self.tokens: list[str] = []
        self.at: list[Span] = []
        self.ends: list[int] = []
        for found in _TOKEN.finditer(self.words):
            token = found[0].casefold().replace("’", "'").rstrip("*")
            if not (token[:1].isalnum()):
                self.ends.append(len(self.tokens))
                continue
            if token in _TURNING:
                self.ends.append(len(self.tokens))
            self.tokens.append(token)
            self.at.append(found.span())
        self.ends.append(len(self.tokens))

    def clause_of(self, token: int) -> int:
        """Return the number of the clause a token lies in."""
        return bisect.bisect_right(self.ends, token)

    def quoted(self, span: Span) -> str:
        """Return the caller's own words of a span."""
        return self.words[self.at[span[0]][0] : self.at[span[1] - 1][1]]


class _Phrases:
    """Phrases by their first word, so that a text is read once for all of them."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._whole: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self._open: dict[int, dict[str, list[tuple[str, tuple[str, ...]]]]] = {}
        for phrase in dict.fromkeys(phrases):
            parts = tuple(
                found[0].casefold().replace("’", "'") for found in _TOKEN.finditer(phrase)
            )
            parts = tuple(part for part in parts if part[:1].isalnum())
            if not parts:
                continue
            first = parts[0]
            if first.endswith("*"):
                by_stem = self._open.setdefault(len(first) - 1, {})
                by_stem.setdefault(first[:-1], []).append((phrase, parts))
            else:
                self._whole.setdefault(first, []).append((phrase, parts))

    def found(self, tokens: list[str]) -> dict[str, list[Span]]:
        """Return where each phrase stands."""
        found: dict[str, list[Span]] = {}
        for begin, token in enumerate(tokens):
            for phrase, parts in self._beginning(token):
                end = begin + len(parts)
                if end <= len(tokens) and all(map(_fits, parts[1:], tokens[begin + 1 : end])):
                    found.setdefault(phrase, []).append((begin, end))
        return found

    def _beginning(self, token: str) -> Iterable[tuple[str, tuple[str, ...]]]:
        yield from self._whole.get(token, ())
        for length, by_stem in self._open.items():
            yield from by_stem.get(token[:length], ())


def _fits(part: str, token: str) -> bool:
    return token.startswith(part[:-1]) if part.endswith("*") else token == part


class Rules:
    """The rules of a town, made ready once; ``usual`` is the usual priority of each kind."""

    def __init__(self, file: NarrativeFile, usual: Mapping[str, str]) -> None:
        self._rules = tuple(rule for rule in file.rules if not rule.kind or rule.kind in usual)
        self._usual = usual
        self._reach = file.reach
        self._phrases = _Phrases(
            phrase for rule in self._rules for phrase in (*rule.any, *rule.beside, *rule.unless)
        )
        self._negations, self._doubts = _Phrases(file.negations), _Phrases(file.doubts)

    def propose(self, words: str, kind: str = "", priority: str = "") -> Proposal:
        """Return what the words propose beside what was chosen (``kind``, ``priority``)."""
        if kind and priority:
            return NOTHING
        text = _Text(words)
        said = self._said(text)
        fitting = [(rule, heard) for rule in self._rules if (heard := _heard(rule, said, text))]
        named = None if kind else next(((r, h) for r, h in fitting if r.kind), None)
        of = kind or (named[0].kind if named else "")
        because = [named] if named else []
        raised = None if priority or not of else _about(fitting, of)
        if raised and raised not in because:
            because.append(raised)
        proposed = raised[0].priority if raised else ""
        if named and not priority:
            proposed = proposed or self._usual[of]
        return Proposal(
            kind=named[0].kind if named else "",
            priority=proposed,
            because=tuple(Heard(rule.code, heard, rule.why) for rule, heard in because),
        )

    def _said(self, text: _Text) -> dict[str, Span]:
        """Return the phrases that were said and not denied, each with where it was first."""
        denied = self._denials(text)
        said: dict[str, Span] = {}
        for phrase, spans in self._phrases.found(text.tokens).items():
            standing = (one for one in spans if not self._is_denied(one, denied, text))
            if (first := next(standing, None)) is not None:
                said[phrase] = first
        return said

    def _denials(self, text: _Text) -> list[Span]:
        """Return where something is denied: every negation that is no part of a doubt."""
        doubts = [span for spans in self._doubts.found(text.tokens).values() for span in spans]
        denials = (span for spans in self._negations.found(text.tokens).values() for span in spans)
        return sorted(
            (begin, end) for begin, end in denials
            if not any(since <= begin and end <= until for since, until in doubts)
        )  # fmt: skip

    def _is_denied(self, span: Span, denied: list[Span], text: _Text) -> bool:
        """Say whether a negation stands before a phrase, near enough, in the same clause."""
        clause = text.clause_of(span[0])
        return any(
            0 <= span[0] - end <= self._reach and text.clause_of(end - 1) == clause
            for _begin, end in denied
        )


def _heard(rule: WordRule, said: Mapping[str, Span], text: _Text) -> tuple[str, ...]:
    """Return the words a rule heard, in the caller's own spelling; () where it does not fit."""
    if any(phrase in said for phrase in rule.unless):
        return ()
    first = next((said[phrase] for phrase in rule.any if phrase in said), None)
    if first is None:
        return ()
    if not rule.beside:
        return (text.quoted(first),)
    second = next((said[phrase] for phrase in rule.beside if phrase in said), None)
    return (text.quoted(first), text.quoted(second)) if second else ()


def _about(
    fitting: list[tuple[WordRule, tuple[str, ...]]], kind: str
) -> tuple[WordRule, tuple[str, ...]] | None:
    """Return the first rule that fits and gives a priority to incidents of a kind."""
    for rule, heard in fitting:
        of = (rule.kind,) if rule.kind else rule.kinds
        if rule.priority and (not of or kind in of):
            return rule, heard
    return None
