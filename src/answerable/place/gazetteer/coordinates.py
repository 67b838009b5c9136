"""Positions as people write them: decimal, degrees with minutes and seconds, geo:, plus codes.

Latitude comes first unless a letter (N, S, E, W), a name (lon, lat) or the town says otherwise:
of two readings, the one that lies in the town's box is taken, and that it was turned is told.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


class Position(NamedTuple):
    """A position read from words; `swapped` where the order was turned to lie in the town."""

    lon: float
    lat: float
    swapped: bool = False
    plus: bool = False


_NUMBER = r"[+-]?\d{1,3}(?:[.,]\d+)?"
_PAIR = re.compile(rf"({_NUMBER})\s*(?:[;/|]|,\s|\s|,)\s*({_NUMBER})")
_NAMED = re.compile(
    rf"(?:(lat|lon|lng)[a-z]*)\s*[=:]?\s*({_NUMBER})[\s,;&]*(lat|lon|lng)[a-z]*\s*[=:]?\s*({_NUMBER})"
)
_ANGLE = (
    r"([nsew])?\s*([+-]?\d{1,3}(?:[.,]\d+)?)\s*(?:°|º|deg(?:rees)?|d|\s)?\s*"
    r"(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:'|min|m|\s)\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*(?:\"|''|sec|s)?\s*)?"
    r"([nsew])?"
)
_ANGLES = re.compile(rf"{_ANGLE}\s*[,;/ ]\s*{_ANGLE}")
_GEO = re.compile(r"geo:\s*([+-]?\d+(?:\.\d+)?),([+-]?\d+(?:\.\d+)?)")
_PLUS = "23456789cfghjmpqrvwx"
_PLUS_CODE = re.compile(rf"\b([{_PLUS}]{{4}}|[{_PLUS}]{{8}})\+([{_PLUS}]{{2,5}})\b")


_SIGNS = str.maketrans({"º": "°", "′": "'", "’": "'", "´": "'", "″": '"', "”": '"', "“": '"',
                        "−": "-", "–": "-"})  # fmt: skip
_HAN_SIDES = (("北纬", "n"), ("南纬", "s"), ("东经", "e"), ("西经", "w"), ("度", "°"),
              ("分", "'"), ("秒", '"'))  # fmt: skip


def _folded(text: str) -> str:
    """Fold width and capitals, keeping the signs of degrees, minutes and seconds."""
    text = unicodedata.normalize("NFKC", text[:120].translate(_SIGNS)).lower().translate(_SIGNS)
    for told, sign in _HAN_SIDES:
        text = text.replace(told, sign)
    return text.replace("，", ",").replace("、", ",").strip()


def read_position(text: str, box: Box) -> Position | None:
    """Return the position a text is, None where it is none; other words disqualify it."""
    text = _folded(text)
    geo = _GEO.match(text)
    if geo:
        return _on_earth(float(geo[2]), float(geo[1]))
    plus = _PLUS_CODE.search(text)
    if plus:
        return _of_plus_code(plus[1], plus[2], box)
    body = text.strip(" ()[]")
    return _named(body) or _of_angles(body) or _of_pair(body, box)


def _on_earth(lon: float, lat: float) -> Position | None:
    return Position(lon, lat) if abs(lon) <= 180 and abs(lat) <= 90 else None


def _decimal(text: str) -> float:
    return float(text.replace(",", "."))


def _named(text: str) -> Position | None:
    told = _NAMED.fullmatch(text)
    if not told or (told[1] == "lat") == (told[3] == "lat"):
        return None
    first, second = _decimal(told[2]), _decimal(told[4])
    return _on_earth(second, first) if told[1] == "lat" else _on_earth(first, second)


def _of_pair(text: str, box: Box) -> Position | None:
    """Read two decimal numbers; one of them at least has a fraction, for 12 34 is a house."""
    told = _PAIR.fullmatch(text)
    if not told or not re.search(r"\d[.,]\d{2,}", text):
        return None
    first, second = _decimal(told[1]), _decimal(told[2])
    as_said, turned = _on_earth(second, first), _on_earth(first, second)
    return next((p._replace(swapped=t) for p, t in _in_town(as_said, turned, box)), as_said)


def _in_town(
    as_said: Position | None, turned: Position | None, box: Box
) -> Iterator[tuple[Position, bool]]:
    west, south, east, north = box
    margin = 0.5 + max(east - west, north - south)
    for position, is_turned in ((as_said, False), (turned, True)):
        if position and (
            west - margin <= position.lon <= east + margin
            and south - margin <= position.lat <= north + margin
        ):
            yield position, is_turned
    if as_said is None and turned is not None:
        yield turned, True


def _of_angles(text: str) -> Position | None:
    """Read degrees, minutes and seconds; letters or a degree sign say that they are."""
    if not re.search(r"°|º|deg|[nsew]\b|\b[nsew]", text) or not any(c.isdigit() for c in text):
        return None
    told = _ANGLES.fullmatch(text)
    if not told:
        return None
    one, other = _angle(told.groups()[:5]), _angle(told.groups()[5:])
    if one is None or other is None:
        return None
    if one[1] in ("e", "w") or other[1] in ("n", "s"):
        one, other = other, one
    if one[1] in ("e", "w") or other[1] in ("n", "s"):
        return None
    return _on_earth(other[0], one[0])


def _angle(told: tuple[str | None, ...]) -> tuple[float, str] | None:
    before, degrees, minutes, seconds, after = told
    if degrees is None or (before and after):
        return None
    whole = _decimal(degrees)
    rest = _decimal(minutes or "0") / 60 + _decimal(seconds or "0") / 3600
    if rest >= 1:
        return None
    letter = before or after or ""
    value = abs(whole) + rest
    return (-value if letter in ("s", "w") or whole < 0 else value), letter


def _of_plus_code(area: str, rest: str, box: Box) -> Position | None:
    """Read an Open Location Code; a short one is completed near the middle of the town."""
    middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    if len(area) == 4:
        area = _plus_prefix(*middle) + area
    lat, lon, step = -90.0, -180.0, 20.0
    code = area + rest[:2]
    for at in range(0, 10, 2):
        lat += _PLUS.index(code[at]) * step
        lon += _PLUS.index(code[at + 1]) * step
        step /= 20
    high, wide = step * 20, step * 20
    for digit in rest[2:]:
        high, wide = high / 5, wide / 4
        row, column = divmod(_PLUS.index(digit), 4)
        lat, lon = lat + row * high, lon + column * wide
    found = _on_earth(lon + wide / 2, lat + high / 2)
    return found._replace(plus=True) if found else None


def _plus_prefix(lon: float, lat: float) -> str:
    digits, y, x, step = "", lat + 90, lon + 180, 20.0
    for _ in range(2):
        digits += _PLUS[int(y // step) % 20] + _PLUS[int(x // step) % 20]
        y, x, step = y % step, x % step, step / 20
    return digits
