"""Checks of word rules, questions and referral rules: names that mean nothing, words that lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from answerable.towns import files as f
from answerable.towns.check.alike import alike
from answerable.towns.check.finding import Finding, finding
from answerable.towns.check.given import Given, Table, tables, text_of, texts
from answerable.towns.titles import ENGLISH, Title

Keys = tuple[str | int, ...]
SORTS = ((f.NARRATIVE, "rule", "The word rule"), (f.QUESTIONS, "question", "The question"),
         (f.QUESTIONS, "instruction", "The instruction"),
         (f.REFERRAL, "rule", "The referral rule"))  # fmt: skip


def check_script(given: Given) -> Iterator[Finding]:
    """Find kinds, priorities and instructions there are not, codes given twice, words missing."""
    if not given.town:
        return  # told already: nothing of it could be read
    for part, key, what in SORTS:
        items = list(_items(given, part, key))
        yield from _double(given, part, key, what, items)
        for index, item in items:
            yield from _named(given, part, what, (key, index), item)
            yield from _unsaid(given, part, what, (key, index), item)
    yield from _instructed(given)


def _items(given: Given, part: f.TownPart, key: str) -> Iterator[tuple[int, Table]]:
    table = {f.NARRATIVE.name: given.narrative, f.REFERRAL.name: given.referral}
    return tables(table.get(part.name, given.questions).get(key))


def _double(
    given: Given, part: f.TownPart, key: str, what: str, items: list[tuple[int, Table]]
) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, item in items:
        code, at = text_of(item, "code"), given.place(part, key, index)
        if code and first.setdefault(code, at.line) != at.line:
            values = {"what": what, "code": code, "first": first[code]}
            yield finding("double-code", part.name, at, **values)


def _named(
    given: Given, part: f.TownPart, what: str, at: Keys, item: Table, code: str = ""
) -> Iterator[Finding]:
    """Yield the kinds and priorities of a rule, a question or an answer that are not the town's."""
    kinds = [text_of(kind, "code") for _i, kind in tables(given.town.get("kinds"))]
    listed = [text for _i, text in texts(given.town.get("priorities"))]
    code = code or text_of(item, "code")
    named = [("kind", text_of(item, "kind"), (*at, "kind"))]
    named += [("kind", name, (*at, "kinds", i)) for i, name in texts(item.get("kinds"))]
    for _sort, name, path in named:
        if name and name not in kinds:
            values = {"what": what, "code": code, "kind": name, "like": alike(name, kinds)}
            yield finding("script-kind", part.name, given.place(part, *path), **values)
    priority = text_of(item, "priority")
    if priority and listed and priority not in listed:
        place = given.place(part, *at, "priority")
        values = {"what": what, "code": code, "priority": priority}
        like = alike(priority, listed)
        yield finding("unknown-priority", part.name, place, like=like, **values)
    for index, answer in tables(item.get("answers")):
        yield from _named(given, part, what, (*at, "answers", index), answer, code)


def _unsaid(
    given: Given, part: f.TownPart, what: str, at: Keys, item: Table, code: str = ""
) -> Iterator[Finding]:
    """Yield the languages of the town in which something is not said."""
    code = code or text_of(item, "code")
    for key in ("why", "ask", "say"):
        said = item.get(key)
        if not isinstance(said, dict):
            continue
        title = Title({tag: text for tag, text in said.items() if isinstance(text, str)})
        for _i, language in texts(given.town.get("languages", ["en", "zh-CN"])):
            if language != ENGLISH and not title.tag_for(language):
                place = given.place(part, *at, key)
                values = {"what": what, "code": code, "language": language}
                yield finding("script-unsaid", part.name, place, **values)
    for index, answer in tables(item.get("answers")):
        yield from _unsaid(given, part, what, (*at, "answers", index), answer, code)


def _instructed(given: Given) -> Iterator[Finding]:
    """Yield instructions that are brought and there are not, and such as nothing brings."""
    known = [text_of(item, "code") for _i, item in _items(given, f.QUESTIONS, "instruction")]
    brought = Counter[str]()
    for index, item in _items(given, f.QUESTIONS, "question"):
        for number, answer in tables(item.get("answers")):
            name = text_of(answer, "instruct")
            brought[name] += 1
            if name and name not in known:
                at = given.place(f.QUESTIONS, "question", index, "answers", number, "instruct")
                values = {"code": text_of(item, "code"), "instruction": name}
                like = alike(name, known)
                yield finding("script-instruction", f.QUESTIONS.name, at, like=like, **values)
    for index, item in _items(given, f.QUESTIONS, "instruction"):
        code = text_of(item, "code")
        if code and not brought[code] and not item.get("kinds"):
            at = given.place(f.QUESTIONS, "instruction", index)
            yield finding("script-silent", f.QUESTIONS.name, at, code=code)
