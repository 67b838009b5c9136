"""A place is a block, a crossing or a name, and never a door or a flat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.matters.naming import PLACE_MAX, place_of


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("200 Block of HYDE ST", "200 Block of Hyde St"),
        ("200 Block of Hyde St", "200 Block of Hyde St"),
        ("2900 block HIGUERA S", "2900 Block of Higuera S"),
        ("2500-2900-BLK POLK ST", "2500 Block of Polk St"),
        ("214 Hyde St", "200 Block of Hyde St"),
        ("214b Hyde St, Apt 4", "200 Block of Hyde St"),
        ("646-648 ELLIS ST", "600 Block of Ellis St"),
        ("562-A FILBERT ST", "500 Block of Filbert St"),
        ("1162-HALF WASHINGTON ST", "1100 Block of Washington St"),
        ("12 Unit 3 Fell St", "0 Block of Fell St"),
        ("500 Market St Floor 12", "500 Block of Market St"),
        ("Turk St, room 12", "Turk St"),
        ("WESTIN ST FRANCIS HOTEL #2684", "Westin St Francis Hotel"),
        ("Hauptstrasse 112a", "100 Block of Hauptstrasse"),
        ("Hauptstrasse 12/4", "0 Block of Hauptstrasse"),
        ("12/4 Fell St", "0 Block of Fell St"),
        ("建设路12号3单元502室", "0 Block of 建设路"),
        ("MASON ST/ELLIS ST", "Ellis St / Mason St"),
        ("Ellis St & Mason St", "Ellis St / Mason St"),
        ("45TH AV", "45th Av"),
        ("100 45TH AV", "100 Block of 45th Av"),
        ("6TH ST/MARKET ST", "6th St / Market St"),
        ("CALL BOX: 226 WILLARD NORTH ST,SF", "200 Block of Willard North St"),
        ("CALL BOX:", ""),
        ("Pier 39", "Pier 39"),
        ("300 MCALLISTER ST", "300 Block of McAllister St"),
        ("  ", ""),
    ],
)
def test_a_place_is_named_so(line: str, place: str) -> None:
    assert place_of(line) == place


@given(
    st.integers(1, 9_999), st.sampled_from(["Hyde St", "Hauptstrasse", "Fell St"]),
    st.sampled_from([", Apt {}", " #{}", ", flat {}", " Unit {}", ", Room {}", " floor {}", ""]),
    st.integers(100_000, 999_999),
)  # fmt: skip
def test_no_number_of_a_door_or_a_flat_is_in_it(
    number: int, street: str, inside: str, flat: int
) -> None:
    named = place_of(f"{number} {street}{inside.format(flat)}")
    assert named == f"{number // 100 * 100} Block of {street}"


@given(st.text(max_size=240))
def test_whatever_is_written_its_place_is_short_and_names_itself(line: str) -> None:
    place = place_of(line)
    assert len(place) <= PLACE_MAX
    assert place_of(place) == place or place_of(place_of(place)) == place_of(place)
