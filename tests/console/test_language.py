"""Every language says everything, and nothing that nobody says; a further one is one file."""

from __future__ import annotations

import datetime
import re
import string

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from answerable.console import language as module
from answerable.console.language import (
    Language,
    catalogues,
    language,
    languages,
    preferred,
    read_messages,
)
from answerable.console.messages import all_messages, in_shelf, in_towns, wanted
from answerable.kernel.event import fill
from answerable.rooms import product

HOLE = re.compile(r"\{(\w+)\}|%\((\w+)\)")
USED = all_messages(product())


@pytest.mark.parametrize("tag", catalogues())
def test_a_catalogue_has_every_message_that_is_used(tag: str):
    assert sorted(wanted(product(), tag) - set(read_messages(tag))) == []


@pytest.mark.parametrize("tag", catalogues())
def test_a_catalogue_has_no_message_that_nobody_uses(tag: str):
    assert sorted(set(read_messages(tag)) - wanted(product(), tag)) == []


@pytest.mark.parametrize("tag", catalogues())
def test_a_translation_has_the_same_holes_as_the_original(tag: str):
    for text, translated in read_messages(tag).items():
        assert sorted(HOLE.findall(text)) == sorted(HOLE.findall(translated)), text


@pytest.mark.parametrize("tag", catalogues())
def test_a_translated_part_in_brackets_goes_when_its_field_is_empty(tag: str):
    sent = next(text for text in USED if text.startswith("{unit} was sent"))
    said = fill(language(tag)(sent), {"unit": "E03", "eta_s": None, "why": ""})
    assert not set(said) & set("[]{}（）")


@pytest.mark.parametrize("tag", catalogues())
def test_a_translation_says_the_same_number_of_things(tag: str):
    for text, translated in read_messages(tag).items():
        assert text.count("[") == translated.count("["), text


def test_every_town_word_has_both_languages():
    from answerable.towns.load import load_town, packaged_towns

    for folder in packaged_towns().values():
        file = load_town(folder).file
        for titled in (*file.kinds, *file.unit_types):
            assert titled.title.en
            assert not set(titled.title.of("zh-CN")) <= set(string.ascii_letters)


def test_what_other_packages_show_is_asked_of_the_catalogues_too():
    assert set(in_towns()) - USED == {"{remedy}", "{remedy}.", "{path}: {because}."}
    assert set(in_shelf()) <= wanted(product(), "de")


# -- which language --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cookie", "accept", "tag"),
    [
        ("zh-CN", "en-US,en", "zh-CN"),
        ("xx", "fr,de", "en"),
        ("", "", "en"),
        ("", "zh-TW,zh;q=0.9", "zh-CN"),
        ("", "fr;q=1, en;q=0.4, zh;q=0.8", "zh-CN"),
        ("", "zh;q=0.2, en-GB;q=0.7", "en"),
        ("", "ZH-cn", "zh-CN"),
        ("", "zh;q=0, *", "en"),
        ("", "en;q=0, *;q=0.1", "zh-CN"),
        ("", "zh-CN;q=0, zh;q=0.9", "en"),
        ("", "zh;q=nonsense, en;q=0.1", "en"),
        ("", "zh;q=7, en;q=0.1", "en"),
        ("", ";;;,,=,zh;q=", "en"),
        ("", "*", "en"),
    ],
)
def test_the_choice_wins_over_the_browser_and_the_highest_quality_over_the_order(
    cookie, accept, tag
):
    assert preferred(cookie, accept).tag == tag


# -- numbers, times, order -------------------------------------------------------------------


def test_numbers_shares_days_and_lengths_are_written_as_the_language_writes_them():
    en, zh, de = language("en"), language("zh-CN"), Language("de", {})
    assert (en.number(1234567), de.number(1234567)) == ("1,234,567", "1.234.567")
    assert (en.percent(0.953, 1), de.percent(0.953, 1)) == ("95.3%", "95,3\u00a0%")
    day = datetime.date(2020, 4, 2)
    assert (en.day(day), zh.day(day)) == ("2 Apr 2020", "2020年4月2日")
    assert (en.length(-130), en.length(11_520), en.length(187_200)) == (
        "−2:10",
        "3 h 12",
        "2 d 4 h",
    )
    assert zh.length(11_520) == "3 时 12 分"


def test_names_are_sorted_by_sound_in_chinese_and_without_case_and_accents_in_latin_letters():
    zh, en = language("zh-CN"), language("en")
    assert sorted(["重庆路", "北京路", "长沙路", "安徽路"], key=zh.key) == [
        "安徽路", "北京路", "长沙路", "重庆路",
    ]  # fmt: skip
    assert sorted(["Žižkov", "zebra", "Émile", "eagle", "Zulu"], key=en.key) == [
        "eagle", "Émile", "zebra", "Žižkov", "Zulu",
    ]  # fmt: skip
    assert sorted(["E10", "E2", "T1", "e1"], key=en.key) == ["e1", "E2", "E10", "T1"]


# -- a further language ----------------------------------------------------------------------


@pytest.fixture
def third(tmp_path, monkeypatch):
    """Put a made-up third catalogue beside the others, for one test; its words are in brackets."""
    made = Catalog(locale="eo")
    for text in wanted(product(), "eo"):
        made.add(text, f"⟦{text}⟧")
    for tag, path in {**catalogues(), "eo": None}.items():
        file = tmp_path / tag.replace("-", "_") / module.FILE
        file.parent.mkdir(parents=True)
        if path:
            file.write_bytes(path.read_bytes())
        else:
            with file.open("wb") as out:
                write_po(out, made)
    known = (catalogues, languages, language)
    monkeypatch.setattr(module, "LOCALES", tmp_path)
    for one in known:
        one.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for one in known:
        one.cache_clear()


def test_a_further_language_is_one_file_and_every_page_and_stream_speaks_it(third, world):
    from answerable.intake import words as i
    from tests.console.test_pages import live_bytes

    assert languages() == {"en": "English", "eo": "Esperanto", "zh-CN": "中文"}
    incident = world.incident()
    pages = ["/board", "/units", "/standards", "/record", f"/incidents/{incident}", "/enter"]

    async def shown(client):
        for path in pages:
            answer = await client.get(path, headers={"accept-language": "zh;q=0.4, eo;q=0.9"})
            assert answer.status_code == 200, path
            assert '<html lang="eo"' in answer.text
            assert "⟦" in answer.text
            for tag, name in {"en": "English", "zh-CN": "中文"}.items():
                assert re.search(rf'hreflang="{tag}" lang="{tag}">{name}</a>', answer.text), path
        kept = await client.get("/language/eo?back=/units")
        assert kept.headers["set-cookie"].startswith("lang=eo;")
        told = (await client.get("/nowhere")).text
        assert "⟦There is no such page.⟧" in told

    async def administered(client):
        for page in ("accounts", "roles", "tokens", "town", "adapters", "health"):
            told = await client.get(f"/admin/{page}")
            assert told.status_code == 200
            assert '<html lang="eo"' in told.text
            assert "⟦" in told.text

    world.run(shown)

    async def with_role(client):
        from answerable.console.session import COOKIE
        from answerable.kernel.authority import Actor

        root = Actor(name="root", role="administrator")
        client.cookies.set(COOKIE, world.app.front.sessions.begin(root))
        client.cookies.set("lang", "eo")
        await administered(client)

    world.run(with_role, role="")
    noted = live_bytes(
        world, f"incident/{incident}/eo/dispatcher",
        lambda: world.do(i.AddNote, incident=incident, words="saluton"),
    )  # fmt: skip
    assert "saluton" in noted.decode()
    assert "⟦" in noted.decode()


def test_a_catalogue_may_say_what_its_language_calls_itself(third):
    file = third / "eo" / module.FILE
    text = file.read_text("utf-8").replace(
        '"Language: eo\\n"', '"Language: eo\\n"\n"Language-Name: E-o\\n"'
    )
    file.write_text(text, "utf-8")
    languages.cache_clear()
    assert languages()["eo"] == "E-o"


def test_a_language_that_babel_does_not_know_is_spoken_with_english_dates(third):
    (third / "eo").rename(third / "xq")
    for one in (catalogues, languages, language):
        one.cache_clear()
    spoken = language("xq")
    assert spoken("Board") == "⟦Board⟧"
    assert spoken.day(datetime.date(2020, 4, 2)) == "2 Apr 2020"


def test_a_catalogue_with_a_message_too_few_and_one_too_many_is_caught(third):
    file = third / "eo" / module.FILE
    file.write_text(file.read_text("utf-8").replace('msgid "Board"', 'msgid "Bord"'), "utf-8")
    held = set(read_messages("eo"))
    assert wanted(product(), "eo") - held == {"Board"}
    assert held - wanted(product(), "eo") == {"Bord"}
