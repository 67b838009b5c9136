"""Checks of ``retention.toml``: kinds there are not, rules never reached, what is never erased."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from answerable.towns import files as f
from answerable.towns.check.alike import alike
from answerable.towns.check.finding import Finding, finding
from answerable.towns.check.given import Given, tables, text_of, texts
from answerable.towns.retention import LONE, Rule


def check_retention(given: Given) -> Iterator[Finding]:
    """Find kinds the town does not have, rules nothing reaches, and kinds never erased."""
    if not given.has(f.RETENTION) or given.doubtful(f.RETENTION):
        return
    kinds = [
        code for _i, kind in tables(given.town.get("kinds")) if (code := text_of(kind, "code"))
    ]
    known, rules = [*LONE.values(), *kinds], list(_rules(given))
    for index, item in tables(given.retention.get("rule")):
        for at, kind in texts(item.get("kinds")):
            if kind not in known:
                place = given.place(f.RETENTION, "rule", index, "kinds", at)
                like = alike(kind, known)
                yield finding("retention-kind", f.RETENTION.name, place, kind=kind, like=like)
    for index, (at, rule) in enumerate(rules):
        if any(_takes_all(earlier, rule) for _at, earlier in rules[:index]):
            place = given.place(f.RETENTION, "rule", at)
            yield finding("retention-idle", f.RETENTION.name, place, because=rule.because)
    never = [kind for kind in known if not _erased(kind, [rule for _at, rule in rules])]
    if never:
        yield finding("retention-never", f.RETENTION.name, kinds=", ".join(never))


def _rules(given: Given) -> Iterator[tuple[int, Rule]]:
    for index, item in tables(given.retention.get("rule")):
        try:
            yield index, msgspec.convert(item, Rule)
        except msgspec.ValidationError:
            continue  # told already, with its shape


def _takes_all(earlier: Rule, rule: Rule) -> bool:
    """Say whether nothing is left for a rule behind an earlier one."""
    kinds = not earlier.kinds or (rule.kinds and set(rule.kinds) <= set(earlier.kinds))
    ends = not earlier.ends or (rule.ends and set(rule.ends) <= set(earlier.ends))
    return bool(kinds and ends)


def _erased(kind: str, rules: list[Rule]) -> bool:
    """Say whether a kind is erased at last, with an end that no rule names."""
    fitting = next((rule for rule in rules if rule.fits(kind, "")), None)
    return fitting is not None and fitting.erase_days is not None
