"""The dialler and the texts in serve.toml: read, relative to the file, refused with their place."""

from __future__ import annotations

import pytest

from answerable.console.running import CannotBegin
from answerable.console.serve.settings import Settings, read_settings

GOOD = """
town = "san_francisco"
public_url = "https://centre.example"
[dialler]
kind = "file"
folder = "dialler"
lines = 2
rings_s = 30
[texts]
kind = "file"
folder = "texts"
valid_h = 24
"""


def read(tmp_path, text: str) -> Settings:
    path = tmp_path / "serve.toml"
    path.write_text(text, "utf-8")
    return read_settings(path)


def test_dialler_and_texts_are_read_and_their_folders_lie_beside_the_file(tmp_path):
    settings = read(tmp_path, GOOD)
    assert settings.dialler.folder == str(tmp_path / "dialler")
    assert (settings.dialler.lines, settings.dialler.rings_s) == (2, 30)
    assert settings.texts.folder == str(tmp_path / "texts")
    assert settings.texts.valid_h == 24


def test_without_them_people_dial_by_hand_and_nobody_is_texted(tmp_path):
    settings = read(tmp_path, 'town = "san_francisco"\n')
    assert (settings.dialler.kind, settings.texts.kind) == ("", "")


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ('folder = "dialler"', "", r"needs a folder for requests and results - at `\$.dialler"),
        ('folder = "texts"', "", r"need a folder for texts and replies - at `\$.texts.folder`"),
        ('public_url = "https://centre.example"', "", r"not given - at `\$.public_url`"),
        ("lines = 2", "lines = 0", r">= 1 - at `\$.dialler.lines`"),
        ("rings_s = 30", "rings_s = 500", r"<= 120 - at `\$.dialler.rings_s`"),
        ("valid_h = 24", "valid_h = 0", r">= 1 - at `\$.texts.valid_h`"),
        ('kind = "file"\nfolder = "dialler"', 'kind = "sip"', r"'sip' - at `\$.dialler.kind`"),
        ("valid_h = 24", "valid_hours = 24", r"perhaps valid_h was meant"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_what_to_do(tmp_path, was, now, told):
    assert was in GOOD
    with pytest.raises(CannotBegin, match=told) as refused:
        read(tmp_path, GOOD.replace(was, now))
    assert "the reference page 'Settings' lists all of them" in str(refused.value)
