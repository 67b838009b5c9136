"""The pages of documentation say what the program does (B15)."""

import re
from pathlib import Path

import msgspec
import pytest

from answerable.exchange.calls import mapping as m
from answerable.exchange.calls.stamps import _DIRECTIVES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/howto/write-a-call-mapping.md").read_text()
HOWTO = (ROOT / "docs/howto/import-call-records.md").read_text()


def section(heading: str) -> str:
    """Return the part of the page under the heading that contains a text."""
    parts = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    (found,) = [part for part in parts if heading in part.splitlines()[0]]
    return found


@pytest.mark.parametrize(
    ("heading", "struct"),
    [
        ("`[source]`", m.Source), ("`[columns]`", m.Columns), ("`[time]`", m.Times),
        ("`[place]`", m.Place), ("`[[stage]]`", m.Stage), ("`[defaults]`", m.Defaults),
    ],
)  # fmt: skip
def test_every_key_of_a_mapping_is_on_its_page_and_no_other(heading, struct):
    rows = [line for line in section(heading).splitlines() if line.startswith("| `")]
    told = {name for line in rows for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert told == set(struct.__struct_fields__)


def test_every_crosswalk_step_and_directive_is_on_the_page():
    for name in m.Codes.__struct_fields__:
        assert f"`[codes.{name}]`" in PAGE
    for step in m.STEPS:
        assert f"`{step}`" in section("`[[stage]]`")
    assert set(re.findall(r"%(.)", section("`[time]`"))) == set(_DIRECTIVES)


def test_the_defaults_on_the_page_are_those_of_the_program():
    defaults = m.Defaults()
    for name in m.Defaults.__struct_fields__:
        assert f"| `{name}` | `{getattr(defaults, name)}` |" in section("`[defaults]`")
    times = m.Times()
    for name in ("before_call_s", "after_call_s", "rollover_within_s"):
        assert str(getattr(times, name)) in section("`[time]`")
    assert f"{times.earliest}, {times.latest}" in section("`[time]`")


def test_the_parts_of_a_mapping_are_all_on_the_page():
    for name in m.Mapping.__struct_fields__:
        assert f"[{name}]" in PAGE or f"[{name}." in PAGE


def test_the_limits_in_the_how_to_are_those_of_the_program():
    from answerable.exchange.calls.table import LINE_CHARS_MAX, NAME_CHARS_MAX

    assert f"({NAME_CHARS_MAX} and {LINE_CHARS_MAX} characters)" in HOWTO
    assert msgspec.structs.fields(m.Times)
