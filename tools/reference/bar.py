"""The pages of the command bar, in English and Chinese: made from the table of verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from answerable.console.bar.grammar import LEFT_OUT, Part, Sort, Verb
from answerable.console.bar.verbs import VERBS
from answerable.console.language import Language, language
from answerable.kernel.room import Rooms
from tools.reference.plain import join, table

ENGLISH = {
    "title": "# The command bar",
    "intro": (
        "Press `/` on any page of a desk. A line is a verb and its parts; while it is written, "
        "what may come next is offered above it, and what it would do is said beside it: who, "
        "where, since when, which clocks would start or stop, and the refusal it would meet. Enter "
        "does what was shown. [How to work with it](../howto/command-bar.md)."
    ),
    "parts": (
        "## How a line is read\n\n"
        "- The parts may come in any order; free words end the line.\n"
        "- A unit is named in any case, with or without zeros: `e3` is E03. Several are written "
        "one after the other.\n"
        "- An incident is named by its sign and last digits, `#603`, or, in a line without free "
        "words, by its last digits alone. Where several end so, nothing is done. In a line with "
        "free words digits without the sign are asked about; in a note, a message, a text or an "
        "answer they are words.\n"
        "- Words in quotes are words, whatever they look like.\n"
        "- A time is `14:30` by the town's clock, or `+20m`, `+2h`.\n"
        "- A place is looked up in the town's names; one that is not certain is not taken."
    ),
    "verbs": "## Verbs",
    "columns": ("verb", "also", "parts", "what it does", "example"),
    "left": "## What may be left out",
    "left_columns": ("mark", "what stands for it"),
    "given": "## Who is offered which",
    "given_intro": "A verb is offered to whoever is given its command, and to nobody else.",
    "given_columns": ("verb", "command", "roles"),
    "several": "one or more",
    "everybody": "everybody at a desk",
}
CHINESE = {
    "title": "# 命令栏",
    "intro": (
        "在席位的任何页面按 `/`。一行命令由动词和各部分组成；书写时上方给出可接的内容，"
        "旁边说明将要执行什么：谁、在哪里、自何时、哪些时限开始或停止，以及会遇到的拒绝。"
        "按回车只执行已显示的内容。[怎样使用](../howto/command-bar.md)（英文）。"
    ),
    "parts": (
        "## 怎样读一行\n\n"
        "- 各部分顺序不限；自由文字放在行末。\n"
        "- 单元不分大小写，可省去零：`e3` 即 E03。可连写多个。动词后可不空格：`派E03`。\n"
        "- 警情写 `#` 加末几位，如 `#603`；没有自由文字的行可只写末几位。有多个相符时不执行。"
        "有自由文字的行里，不带 `#` 的数字会先询问；在备注、消息、短信和回答中则是文字。\n"
        "- 引号中的内容一律是文字。\n"
        "- 时间写 `14:30`（当地时间），或 `+20m`、`+2h`。\n"
        "- 地点按本地地名查找；不确定的不采用。"
    ),
    "verbs": "## 动词",
    "columns": ("动词", "其他写法", "各部分", "作用", "示例"),
    "left": "## 可以省略的部分",
    "left_columns": ("标记", "省略时采用"),
    "given": "## 谁可以用",
    "given_intro": "有权发出相应命令的角色才会看到该动词。",
    "given_columns": ("动词", "命令", "角色"),
    "several": "一个或多个",
    "everybody": "席位上的所有人",
}
MARKS = {default: "¹²³⁴⁵⁶"[index] for index, default in enumerate(LEFT_OUT)}


def pages(rooms: Rooms) -> dict[str, str]:
    """Return both pages by file name."""
    return {
        "command-bar.md": page(rooms, "en", ENGLISH),
        "command-bar.zh-CN.md": page(rooms, "zh-CN", CHINESE),
    }


def page(rooms: Rooms, tag: str, words: Mapping[str, Sequence[str]]) -> str:
    """Return the page in a language."""
    lang, chinese = language(tag), tag.startswith("zh")
    verbs = sorted(VERBS, key=lambda verb: lang.key(name_of(verb, chinese=chinese)))

    def text(name: str) -> str:
        return str(words[name])

    rows = [verb_row(verb, lang, text("several"), chinese=chinese) for verb in verbs]
    left = [(MARKS[default], lang(said)) for default, said in LEFT_OUT.items()]
    given = [given_row(rooms, verb, text("everybody"), chinese=chinese) for verb in verbs]
    return join(
        text("title"), text("intro"), text("parts"),
        text("verbs"), table(tuple(words["columns"]), rows),
        text("left"), table(tuple(words["left_columns"]), left),
        text("given"), text("given_intro"), table(tuple(words["given_columns"]), given),
    )  # fmt: skip


def name_of(verb: Verb, *, chinese: bool) -> str:
    """Return the verb's first word in a language."""
    return verb.zh[0] if chinese else verb.name


def verb_row(verb: Verb, lang: Language, several: str, *, chinese: bool) -> tuple[str, ...]:
    """Return a verb as a row: its words, its parts, what it does, an example."""
    name = name_of(verb, chinese=chinese)
    others = " ".join(f"`{word}`" for word in verb.called if word != name)
    parts = " ".join(part_in_words(part, lang, several, chinese=chinese) for part in verb.parts)
    example = verb.example_zh if chinese else verb.example
    return f"`/{name}`", others, parts, lang(verb.does), f"`{example}`"


def part_in_words(part: Part, lang: Language, several: str, *, chinese: bool) -> str:
    """Return a part: what leads it in, what it is called, how often, whether it may be missing."""
    leads = [word for word in part.lead if word.isascii() is not chinese] or list(part.lead)
    said = lang(part.name)
    if part.choices and part.sort is Sort.CHOICE:
        said = " / ".join(part.word(value, chinese=chinese) for value in part.choices)
    said = f"{said} ({several})" if part.many else said
    lead = f"`{leads[0]}` " if part.led and leads else ""
    mark = MARKS[part.default] if part.default is not None else ""
    whole = f"{lead}{said}{mark}"
    return whole if part.need and part.default is None else f"[{whole}]"


def given_row(rooms: Rooms, verb: Verb, everybody: str, *, chinese: bool) -> tuple[str, str, str]:
    """Return who is offered a verb."""
    roles = [
        f"`{role}`" for role, rights in rooms.authority.roles.items()
        if rights.commands.intersection(verb.commands) and "incident" in rights.pages
    ]  # fmt: skip
    tags = ", ".join(f"`{tag}`" for tag in verb.commands)
    return f"`/{name_of(verb, chinese=chinese)}`", tags, ", ".join(roles) or everybody
