"""Writing made comparable: width, capitals and accents folded away; Chinese read as pinyin.

Traditional and simplified characters are read alike by pinyin, which is how one finds the other.
"""

import re
import unicodedata

TEXT_MAX = 160
"""Characters of a query that are read; nobody says a place in more."""

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_PART = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W\u3400-\u9fff\uf900-\ufaff_]+")
_STRANGE = str.maketrans(
    {
        "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
        "、": ",", "。": " ", "'": "", "’": "", "‘": "", "`": "", "´": "", "ʻ": "", "·": " ",
        "−": "-", "–": "-", "—": "-", "″": '"', "′": "'", "”": '"', "“": '"',
    }
)  # fmt: skip
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def plain(text: str) -> str:
    """Return a text with width, capitals and accents folded; punctuation stays."""
    folded = unicodedata.normalize("NFKC", text[: 2 * TEXT_MAX]).casefold().translate(_STRANGE)
    parts = unicodedata.normalize("NFD", folded)
    bare = "".join(c for c in parts if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare)[: 2 * TEXT_MAX]


def two_letters(text: str) -> str:
    """Return a name with ä, ö, ü, å written as two letters, as keyboards without them do."""
    return plain(unicodedata.normalize("NFC", text).casefold().translate(_TWO_LETTERS))


def parts(text: str) -> list[str]:
    """Return the words of a folded text; a run of Chinese characters is one word."""
    return _PART.findall(text)


def has_han(text: str) -> bool:
    """Say whether there are Chinese characters in a text."""
    return HAN.search(text) is not None


def sounds(text: str) -> str:
    """Return the pinyin of a text without tones and spaces; Latin words stay as they are.

    Not remembered: what is typed is a caller's words, and nothing of it may stay in memory.
    """
    from pypinyin import lazy_pinyin  # a quarter of a second, and only where there is Chinese

    return "".join(parts(plain("".join(lazy_pinyin(text)))))
