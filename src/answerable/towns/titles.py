"""Names in a town's languages: a table from a language tag to text, English always among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

Tag = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\n)", max_length=35)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Titles = Annotated[dict[Tag, Name], msgspec.Meta(min_length=1)]
ENGLISH = "en"


class Title(dict[str, str]):
    """A name by language tag, as the file has it: ``{ en = "Engine", zh = "泵浦车" }``."""

    @property
    def en(self) -> str:
        """Return the English name."""
        return self[ENGLISH]

    def of(self, language: str) -> str:
        """Return the name in a language, in a near one of it ("zh" for "zh-CN"), or in English."""
        return self[self.tag_for(language) or ENGLISH]

    def tag_for(self, language: str) -> str:
        """Return the tag whose name serves for a language; "" where there is none.

        "zh-CN" is served by itself, then by "zh", then by another "zh-…".
        """
        if language in self:
            return language
        stem = language.split("-")[0]
        near = [tag for tag in self if tag.split("-")[0] == stem]
        return min(near, key=len, default="")


def need_english(titles: Mapping[str, str]) -> None:
    """Raise ValueError where a name has no English, the language every page can fall back to."""
    if ENGLISH not in titles:
        raise ValueError("title has no 'en'; every name needs one in English")
