"""Alerting channels in serve.toml: read, relative to the file, refused with their place."""

from __future__ import annotations

import pytest

from answerable.console.running import CannotBegin
from answerable.console.serve.settings import read_settings

GOOD = """
town = "san_francisco"
[[channels]]
name = "pager"
kind = "http"
address = "https://pager.example.org/alerts"
secret_file = "pager.secret"
[[channels]]
name = "book"
kind = "file"
address = "alerts.jsonl"
[alerts]
order = ["pager", "book"]
[alerts.units]
E12 = ["book"]
"""


def read(tmp_path, text: str):
    path = tmp_path / "serve.toml"
    path.write_text(text, "utf-8")
    return read_settings(path)


def test_channels_and_whom_they_are_for_are_read_beside_the_file(tmp_path):
    settings = read(tmp_path, GOOD)
    assert [one.name for one in settings.channels] == ["pager", "book"]
    assert settings.channels[0].secret_file == str(tmp_path / "pager.secret")
    assert settings.channels[1].address == str(tmp_path / "alerts.jsonl")
    assert settings.alerts.of("E03") == ("pager", "book")
    assert settings.alerts.of("E12") == ("book",)


def test_a_channel_that_there_is_not_is_refused_with_its_place(tmp_path):
    place = r"There is no channel radio - at `\$\.alerts\.units\.E12`"
    with pytest.raises(CannotBegin, match=place):
        read(tmp_path, GOOD.replace('E12 = ["book"]', 'E12 = ["radio"]'))


def test_a_misspelt_key_is_refused_with_the_one_that_was_meant(tmp_path):
    with pytest.raises(CannotBegin, match="perhaps secret_file was meant"):
        read(tmp_path, GOOD.replace("secret_file", "secret_fle"))
