"""Local languages: kinds of street before, after or joined to the name; accents; other names."""

from __future__ import annotations

import pytest

from tests.place.gazetteer.conftest import at


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("Bahnhofstr.", "Bahnhofstrasse"), ("bahnhof strasse", "Bahnhofstrasse"),
        ("BAHNHOFSTRASZE", "Bahnhofstrasse"), ("Bahnhofstraße", "Bahnhofstrasse"),
        ("Mannerheimin tie", "Mannerheimintie"), ("mannerheimintie", "Mannerheimintie"),
        ("Mannerheimvägen", "Mannerheimintie"), ("Mannerheim Road", "Mannerheimintie"),
        ("R. Santa Catarina", "Rua de Santa Catarina"),
        ("rua sta catarina", "Rua de Santa Catarina"),
        ("Santa Catarina", "Rua de Santa Catarina"), ("av boavista", "Avenida da Boavista"),
        ("Avenue de la Boavista", "Avenida da Boavista"), ("grimaldi", "Rue Grimaldi"),
        ("Staedtle", "Städtle"), ("stadtle", "Städtle"), ("Aeulestr", "Äulestrasse"),
        ("aulestrasse", "Äulestrasse"), ("calcada", "Calçada"), ("Kirchgässli", "Kirchgasse"),
        ("人民路", "人民路"), ("renmin lu", "人民路"), ("Renmin Road", "人民路"),
        ("zhongshandadao", "中山大道"),
        ("中山", "中山大道"), ("車站街", "Bahnhofstrasse"), ("车站街", "Bahnhofstrasse"),
    ],
)  # fmt: skip
def test_a_street_is_found_in_its_languages(tongues, text, street):
    assert tongues.find(text)[0].address == street


@pytest.mark.parametrize(
    ("text", "door", "place"),
    [
        ("Bahnhofstrasse 5", "5 Bahnhofstrasse", at(0.5, 0)),
        ("Bahnhofstrasse 5-9", "5 Bahnhofstrasse", at(0.5, 0)),
        ("Bahnhofstr. 12 a", "12a Bahnhofstrasse", at(2.5, 0)),
        ("Mannerheimintie 22", "22 Mannerheimintie", at(1.5, 1)),
        ("Rua de Santa Catarina, nº 300", "300 Rua de Santa Catarina", at(3.5, 2)),
        ("14, rue Grimaldi", "14 Rue Grimaldi", at(0, 1.5)),
        ("人民路88号", "88 人民路", at(2.5, 4)), ("人民路八十八號", "88 人民路", at(2.5, 4)),
        ("Städtle 7, Altstadt", "7 Städtle", at(2, 0.5)),
        ("staedtle 7 altstadt", "7 Städtle", at(2, 0.5)),
    ],
)  # fmt: skip
def test_a_house_number_stands_before_or_after_the_street(tongues, text, door, place):
    best = tongues.find(text)[0]
    assert best.door == door
    assert best.precision == "point"
    assert (best.lon, best.lat) == pytest.approx(place, abs=1e-5)


@pytest.mark.parametrize(
    "text",
    ["Bahnhofstrasse Ecke Rue Grimaldi", "Bahnhofstr und Grimaldi",
    "rue Grimaldi et Bahnhofstrasse",
     "Rue Grimaldi angle Bahnhofstr", "grimaldi e bahnhofstr", "esquina Grimaldi / Bahnhof Str."],
)  # fmt: skip
def test_a_corner_is_said_in_many_languages(tongues, text):
    best = tongues.find(text)[0]
    assert best.kind == "crossing"
    assert (best.lon, best.lat) == pytest.approx(at(0, 0), abs=1e-5)


@pytest.mark.parametrize(
    ("text", "name"),
    [("cafe zurich", "Café Zürich"), ("火车站", "Rautatieasema"), ("火車站", "Rautatieasema"),
     ("railway station", "Rautatieasema"), ("jarnvagsstation", "Rautatieasema"),
     ("huochezhan", "Rautatieasema"), ("School", "Schule")],
)  # fmt: skip
def test_a_place_is_found_by_each_of_its_names(tongues, text, name):
    best = tongues.find(text)[0]
    assert (best.kind, best.address) == ("place", name)


def test_a_name_in_the_reader_s_language_stands_beside_the_map_s(tongues):
    best = tongues.find("railway station", languages=("zh-CN",))[0]
    assert best.address == "Rautatieasema (火车站)"


def test_a_number_between_known_ones_lies_between_them(tongues):
    best = tongues.find("Bahnhofstrasse 3")[0]
    assert best.precision == "block"
    assert best.lon == pytest.approx(at(0.3, 0)[0], abs=2e-4)
    assert "3 lies between known numbers" in [reason.said() for reason in best.reasons]


def test_the_address_of_a_house_names_its_block_and_the_number_stands_apart(tongues):
    """What may be published is the block; the number is a caller's exact door."""
    best = tongues.find("Bahnhofstrasse 5")[0]
    assert "5" not in best.address
    assert best.address == "Bahnhofstrasse, Avenida da Boavista – Rue Grimaldi" or (
        best.address == "Bahnhofstrasse, Rue Grimaldi – Avenida da Boavista"
    )
