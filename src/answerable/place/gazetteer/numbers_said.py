"""Numbers as people say and write them: first, twenty-third, twelve hundred, 一千二百, 第五."""

import re


def _list(words: str) -> list[str]:
    return words.split()


UNITS = _list(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
TENS = _list("twenty thirty forty fifty sixty seventy eighty ninety")
ORDINALS = _list(
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh "
    "twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
TENTHS = _list("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth")
CARDINAL = {word: n for n, word in enumerate(UNITS)} | {
    word: 10 * n for n, word in enumerate(TENS, 2)
}
CARDINAL["oh"] = 0
ORDINAL = {word: n for n, word in enumerate(ORDINALS) if n} | {
    word: 10 * n for n, word in enumerate(TENTHS, 2)
}
NUMBER_MAX = 99_999
_WRITTEN_ORDINAL = re.compile(r"0*(\d{1,3})(?:st|nd|rd|th|er|eme)")
_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_PLACES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000}
HAN_NUMBER = "[〇零一二两兩三四五六七八九十百千万萬0-9]+"


def ordinals(words: list[str]) -> list[str]:
    """Return the words with every ordinal as bare digits: twenty third, 23rd, 023rd are 23."""
    out: list[str] = []
    for word in words:
        written = _WRITTEN_ORDINAL.fullmatch(word)
        if written:
            out.append(written[1])
        elif word not in ORDINAL:
            out.append(word)
        elif out and out[-1] in TENS and ORDINAL[word] < 10:
            out[-1] = str(CARDINAL[out[-1]] + ORDINAL[word])
        else:
            out.append(str(ORDINAL[word]))
    return out


def spoken(words: list[str]) -> tuple[int, int] | None:
    """Return the number that the first words say, and how many words say it; None without one.

    "twelve hundred" is 1200, "four fifty" 450, "one two three" 123, "two thousand and ten" 2010.
    """
    groups: list[int] = []
    used = 0
    for at, word in enumerate(words):
        if word in CARDINAL:
            _count(groups, CARDINAL[word])
        elif word in ("hundred", "thousand") and groups:
            groups = [sum(groups) * (100 if word == "hundred" else 1000)]
        elif word == "and" and groups and groups[-1] % 100 == 0 and groups[-1]:
            continue
        else:
            break
        used = at + 1
    if not groups:
        return None
    value = _joined(groups)
    return (value, used) if value <= NUMBER_MAX else None


def _count(groups: list[int], value: int) -> None:
    """Add a number word: after a ten a unit joins it, after hundreds it is added."""
    last = groups[-1] if groups else -1
    joins = last >= 20 and last % 10 == 0 and 0 < value < 10
    if (last >= 100 and last % 100 == 0) or joins:
        groups[-1] = last + value
    else:
        groups.append(value)


def _joined(groups: list[int]) -> int:
    """Read groups one after the other as they are said: 4, 50 is 450; 12, 50 is 1250."""
    text = str(groups[0])
    for group in groups[1:]:
        text += str(group) if len(text) < 6 else ""
    return int(text)


def chinese(text: str) -> int | None:
    """Return a Chinese or plain number: 一千二百 is 1200, 一二〇〇 is 1200, 十六 is 16."""
    if text.isdecimal() and text.isascii():
        return int(text) if int(text) <= NUMBER_MAX else None
    if not any(c in _PLACES for c in text):
        digits = "".join(str(_DIGITS.get(c, c)) for c in text)
        return int(digits) if digits.isdecimal() and len(digits) <= 5 else None
    total, digit = 0, None
    for c in text:
        if c in _PLACES:
            total += _PLACES[c] * (1 if digit is None else digit)
            digit = None
        else:
            digit = _DIGITS.get(c, int(c) if c in "0123456789" else 0)
    total += digit or 0
    return total if total <= NUMBER_MAX else None
