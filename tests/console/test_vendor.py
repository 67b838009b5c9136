"""The files of others are the ones their table says, whole and with their licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (ROOT / "src/answerable/console/static/vendor", ROOT / "tests/console/vendor")
ROW = re.compile(r"^\| (\S+) \| (\S+) \| (\S+) \| `(\S+)` \| `([0-9a-f]{64})` \|$", re.M)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-3])
def test_every_vendored_file_has_the_hash_its_table_says(folder: Path):
    rows = ROW.findall((folder / "README.md").read_text())
    assert rows
    for _package, _version, _licence, name, digest in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    listed = {name for _, _, _, name, _ in rows} | {"README.md"}
    assert {path.name for path in folder.iterdir() if path.is_file()} == listed


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-3])
def test_every_vendored_package_has_its_licence_text(folder: Path):
    packages = {row[0] for row in ROW.findall((folder / "README.md").read_text())}
    there = {path.stem for path in (folder / "licenses").iterdir()}
    assert {package.strip("@").replace("/", "-") for package in packages} == there


def test_nothing_the_console_serves_names_another_host():
    own = ("app.js", "map.js", "style.css")
    for name in own:
        text = (FOLDERS[0].parent / name).read_text()
        assert not re.search(r"https?://(?!www\.w3\.org)", text), name
