"""Which part of a file is sent: RFC 9110, clause by clause, and against any request at all."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from answerable.console.ranges import Answer, answer, asked, same

TAG, SIZE = '"abc123"', 1000
WHOLE = Answer(200, 0, SIZE)


def get(**fields: str) -> Answer:
    return answer("GET", {k.replace("_", "-"): v for k, v in fields.items()}, TAG, SIZE)


# -- section 14.1.2: byte ranges -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("asks", "start", "length"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-499", 0, 500),
        ("bytes=500-999", 500, 500),
        ("bytes=9-9", 9, 1),
        ("bytes=999-", 999, 1),
        ("bytes=0-", 0, 1000),
        ("bytes=-1", 999, 1),
        ("bytes=-500", 500, 500),
    ],
)
def test_14_1_2_a_range_is_answered_with_its_bytes(asks, start, length):
    assert get(range=asks) == Answer(206, start, length)


def test_14_1_2_a_last_byte_beyond_the_end_means_the_end():
    assert get(range="bytes=990-99999") == Answer(206, 990, 10)
    assert get(range=f"bytes=990-{'9' * 5000}") == Answer(206, 990, 10)


def test_14_1_2_a_suffix_longer_than_the_file_is_the_whole_file():
    assert get(range="bytes=-5000") == Answer(206, 0, 1000)


def test_14_1_1_the_unit_is_read_without_regard_to_case():
    assert get(range="BYTES=0-1") == Answer(206, 0, 2)


def test_5_6_1_empty_elements_and_blanks_of_a_list_are_passed_over():
    assert get(range="bytes= , 5-6 ,") == Answer(206, 5, 2)


# -- section 15.5.17: not satisfiable --------------------------------------------------------------


@pytest.mark.parametrize(
    "asks", ["bytes=1000-", "bytes=1000-1000", "bytes=-0", f"bytes={'9' * 60}-"]
)
def test_15_5_17_a_range_outside_the_file_is_refused(asks):
    assert get(range=asks).status == 416


def test_15_5_17_nothing_of_an_empty_file_can_be_sent():
    assert answer("GET", {"range": "bytes=0-"}, TAG, 0).status == 416
    assert answer("GET", {"range": "bytes=-1"}, TAG, 0).status == 416
    assert answer("GET", {}, TAG, 0) == Answer(200, 0, 0)


# -- section 14.2: what is ignored -----------------------------------------------------------------


@pytest.mark.parametrize(
    "asks",
    [
        "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=1-2-3", "bytes=--1",
        "bytes=0x1-2", "bytes=+1-2", "bytes=1 - 2", "bytes:0-1", "items=0-1", "bytes=²-³",
        "bytes=0-1, x", "bytes=1.5-2",
    ],
)  # fmt: skip
def test_14_2_what_is_malformed_or_no_range_of_bytes_is_ignored(asks):
    assert get(range=asks) == WHOLE


def test_14_2_several_ranges_are_answered_with_the_whole():
    assert get(range="bytes=0-1,5-6") == WHOLE
    assert get(range="bytes=" + ",".join(f"{n}-{n}" for n in range(500))) == WHOLE


def test_14_2_a_range_means_nothing_for_head():
    assert answer("HEAD", {"range": "bytes=0-1"}, TAG, SIZE) == WHOLE


# -- section 13: conditions ------------------------------------------------------------------------


def test_13_1_5_if_range_gives_the_part_only_of_the_same_file():
    assert get(range="bytes=0-1", if_range=TAG).status == 206
    assert get(range="bytes=0-1", if_range='"other"') == WHOLE


def test_13_1_5_if_range_compares_strongly_and_knows_no_date_here():
    assert get(range="bytes=0-1", if_range=f"W/{TAG}") == WHOLE
    assert get(range="bytes=0-1", if_range="Wed, 21 Oct 2026 07:28:00 GMT") == WHOLE


def test_13_1_5_if_range_without_a_range_is_ignored():
    assert get(if_range='"other"') == WHOLE


def test_13_1_2_if_none_match_of_the_same_file_is_not_modified():
    assert get(if_none_match=TAG).status == 304
    assert get(if_none_match=f'"x", W/{TAG}').status == 304
    assert get(if_none_match="*").status == 304
    assert get(if_none_match='"x"') == WHOLE


def test_13_1_1_if_match_of_another_file_fails_and_compares_strongly():
    assert get(if_match='"x"').status == 412
    assert get(if_match=f"W/{TAG}").status == 412
    assert get(if_match=f'"x", {TAG}') == WHOLE
    assert get(if_match="*") == WHOLE


def test_13_2_2_conditions_come_before_the_range():
    assert get(if_none_match=TAG, range="bytes=0-1").status == 304
    assert get(if_match='"x"', range="bytes=5000-").status == 412
    assert get(if_match='"x"', if_none_match=TAG).status == 412


# -- anything at all -------------------------------------------------------------------------------


@given(st.integers(0, 60), st.integers(0, 70), st.integers(0, 70))
def test_every_range_of_every_file_is_the_slice_that_python_makes(size, first, last):
    file = bytes(range(size))
    for asks, wanted in (
        (f"bytes={first}-{last}", file[first : last + 1]),
        (f"bytes={first}-", file[first:]),
        (f"bytes=-{last}", file[max(0, size - last) :] if last else b""),
    ):
        told = answer("GET", {"range": asks}, TAG, size)
        if asks.endswith(f"{first}-{last}") and last < first:
            assert told == Answer(200, 0, size)
        elif not wanted:
            assert told.status == 416
        else:
            assert told.status == 206
            assert file[told.start : told.start + told.length] == wanted


@given(st.text(max_size=60), st.integers(0, 10**12))
@example("bytes=" + "9" * 50 + "-" + "9" * 50, 10)
def test_no_request_makes_it_fail_or_send_what_is_not_there(asks, size):
    for text in (asks, f"bytes={asks}"):
        told = answer("GET", {"range": text, "if-range": TAG}, TAG, size)
        assert told.status in (200, 206, 416)
        assert 0 <= told.start <= told.start + told.length <= size
        assert told.status != 206 or told.length > 0


@given(st.text(max_size=60))
def test_no_list_of_tags_makes_it_fail(tags):
    assert same(tags, TAG, weak=True) in (True, False)
    assert asked(tags) is None or len(asked(tags)) == 2
