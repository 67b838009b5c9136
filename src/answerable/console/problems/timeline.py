"""The calls of a place, day by day or week by week, drawn as SVG: what came, what was usual.

What was done stands in the same drawing, as numbered lines at its day, so that one sees what
changed after it. A bar is a count, the stepped dashed line is what the season let expect; neither
is told by colour alone, and the table below the drawing has every figure.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

DAYS_MAX = 70
"""So many days are drawn one by one; more are drawn as weeks."""
WEEKS_MAX = 104
"""So many weeks are drawn at most, the last ones."""
HIGH, TOP, FOOT, LEFT, RIGHT = 190, 26, 24, 30, 6


@dataclass(frozen=True)
class Span:
    """A day, or a week by its first day: calls, and what was to be expected (None: unknown)."""

    first: datetime.date
    days: int
    calls: int
    expected: float | None
    part: bool = False
    """Only some days of the week have passed."""


@dataclass(frozen=True)
class Mark:
    """Something that was done, at its day: the sign on the drawing, and the words for it."""

    day: datetime.date
    sign: str
    words: str
    sort: str = "done"


def spans(
    days: Sequence[datetime.date], calls: Sequence[int], expected: Sequence[float | None],
    days_max: int = DAYS_MAX,
) -> list[Span]:  # fmt: skip
    """Return days as they are, or weeks (Monday first) where there are too many of them.

    A first week that is not whole is left out; of the last one only a part may have passed.
    """
    each = [Span(d, 1, c, e) for d, c, e in zip(days, calls, expected, strict=True)]
    if len(each) <= days_max:
        return each
    weeks: dict[datetime.date, list[Span]] = {}
    for one in each:
        weeks.setdefault(one.first - datetime.timedelta(days=one.first.weekday()), []).append(one)
    last = next(reversed(weeks))
    whole = [_week(at, of) for at, of in weeks.items() if len(of) == 7 or at == last]
    return whole[-WEEKS_MAX:]


def _week(first: datetime.date, of: Sequence[Span]) -> Span:
    known = [one.expected for one in of if one.expected is not None]
    expected = sum(known) if len(known) == len(of) else None
    return Span(first, len(of), sum(one.calls for one in of), expected, part=len(of) < 7)


def ticks(most: float) -> list[int]:
    """Return the counts at which the drawing has a line: 0 and one to three above it."""
    step = next(s * 10**e for e in range(7) for s in (1, 2, 5) if most <= 3 * s * 10**e)
    return list(range(0, 3 * step + 1, step))[: max(2, int(-(-most // step)) + 1)]


def drawn(
    told: Sequence[Span], marks: Sequence[Mark], words: str, short: Sequence[str], width: int
) -> Markup:
    """Return the drawing. ``words`` describe it whole; ``short`` are the days under the axis.

    ``short`` has one text for each span, "" where none stands; ``width`` is in its own units.
    """
    most = max([1.0, *(s.calls for s in told), *(s.expected or 0 for s in told)])
    lines = ticks(most)
    scale = _Scale(told, width, lines[-1])
    parts = [
        Markup('<svg class="timeline" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            width, HIGH, words
        ),
        *(scale.tick(value) for value in lines),
        *(scale.bar(n, span) for n, span in enumerate(told)),
        scale.usual(told),
        *scale.days(short),
        *scale.marks(marks),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


class _Scale:
    """Where things stand in the drawing."""

    def __init__(self, told: Sequence[Span], width: int, most: int) -> None:
        self.told, self.width, self.most = told, width, most
        self.base = HIGH - FOOT
        self.step = (width - LEFT - RIGHT) / max(1, len(told))

    def x(self, number: float) -> float:
        """Return the left edge of a span by its number."""
        return LEFT + number * self.step

    def y(self, value: float) -> float:
        """Return the height of a count."""
        return self.base - (self.base - TOP) * value / self.most

    def tick(self, value: int) -> Markup:
        """Return a line across, with its count."""
        y = self.y(value)
        sort = "axis" if value == 0 else "grid"
        return Markup(
            '<path class="{0}" d="M{1} {2:.1f}H{3}"/>'
            '<text x="{4}" y="{5:.1f}" class="end">{6}</text>'
        ).format(sort, LEFT, y, self.width - RIGHT, LEFT - 6, y + 4, value)

    def bar(self, number: int, span: Span) -> Markup:
        """Return the bar of a span; none where nobody called."""
        if not span.calls:
            return Markup("")
        gap = min(2.0, self.step * 0.2)
        return Markup(
            '<rect class="came{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
        ).format(
            " part" if span.part else "", self.x(number) + gap / 2, self.y(span.calls),
            max(1.0, self.step - gap), self.base - self.y(span.calls),
        )  # fmt: skip

    def usual(self, told: Sequence[Span]) -> Markup:
        """Return the stepped line of what was to be expected."""
        path, pen = [], False
        for number, span in enumerate(told):
            if span.expected is None:
                pen = False
                continue
            y = self.y(span.expected)
            path.append(f"{'L' if pen else 'M'}{self.x(number):.1f} {y:.1f}")
            path.append(f"H{self.x(number + 1):.1f}")
            pen = True
        return Markup('<path class="usual" d="{}"/>').format("".join(path)) if path else Markup("")

    def days(self, short: Sequence[str]) -> list[Markup]:
        """Return the days under the axis."""
        return [
            Markup('<text x="{:.1f}" y="{}">{}</text>').format(
                self.x(n) + 1, HIGH - 7, escape(text)
            )
            for n, text in enumerate(short)
            if text
        ]

    def marks(self, marks: Sequence[Mark]) -> list[Markup]:
        """Return what was done, each a line at the beginning of its day, its sign above.

        Signs that would stand on each other are set one step higher or lower in turn.
        """
        found, last = [], (-99.0, 0)
        for mark in sorted(marks, key=lambda one: one.day):
            number = self._number(mark.day)
            if number is None:
                continue
            x = self.x(number)
            low = 1 - last[1] if x - last[0] < 14 else 0
            last = (x, low)
            found.append(
                Markup(
                    '<path class="mark {0}" d="M{1:.1f} {2}V{3}"/>'
                    '<text class="sign {0}" x="{1:.1f}" y="{4}">{5}</text>'
                ).format(mark.sort, x, TOP - 8, self.base, 12 + 10 * low, mark.sign)
            )
        return found

    def _number(self, day: datetime.date) -> float | None:
        """Return where a day stands among the spans."""
        for number, span in enumerate(self.told):
            if span.first <= day < span.first + datetime.timedelta(days=span.days):
                return number + (day - span.first).days / span.days
        return None
