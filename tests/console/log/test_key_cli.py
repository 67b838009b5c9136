"""``answerable key``: public halves are shown, the change of a key stands in the record."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from answerable.console.cli import app
from answerable.record.log.keys import KEYS_FILE, open_keys
from tests.console.log.scene import Scene

RUN = CliRunner()


def key(*asked: str, code: int = 0) -> str:
    result = RUN.invoke(app, ["key", *asked])
    assert result.exit_code == code, result.output
    return result.output


def test_a_key_is_made_shown_rotated_and_backed_up(tmp_path):
    data = str(tmp_path / "data")
    made = key("make", "--origin", "town.example/log", "--data", data).strip()
    assert key("show", "--data", data).startswith(made)
    rotated = key("rotate", "--reason", "it was time", "--data", data).splitlines()[0]
    shown = key("show", "--data", data)
    assert shown.index(rotated) < shown.index(made)
    assert "it was time" in shown
    told = json.loads(key("show", "--json", "--data", data))
    assert [one["vkey"] for one in told["keys"]] == [rotated, made]
    seed = json.loads((tmp_path / "data" / KEYS_FILE).read_text())["seed"]
    assert seed not in shown + json.dumps(told), "the seed is never printed"
    assert "keep it apart" in key("backup", str(tmp_path / "copy"), "--data", data)
    assert open_keys(tmp_path / "copy").vkey == rotated


def test_what_cannot_be_done_is_refused_with_three_sentences(tmp_path):
    data = str(tmp_path)
    assert "no such file" in key("show", "--data", data, code=1)
    key("make", "--origin", "town.example/log", "--data", data)
    assert "not overwritten" in key("make", "--origin", "a/log", "--data", data, code=1)
    assert "cannot be the name" in key("make", "--origin", "a log", "--data", data, code=2)
    key("backup", str(tmp_path / "copy"), "--data", data)
    assert "one already" in key("backup", str(tmp_path / "copy"), "--data", data, code=1)


def test_a_rotation_is_an_event_of_the_record(tmp_path):
    Scene(tmp_path).close()
    first = open_keys(tmp_path / KEYS_FILE).vkey
    key("rotate", "--reason", "it was time", "--data", str(tmp_path))
    second = open_keys(tmp_path / KEYS_FILE).vkey
    scene = Scene(tmp_path)
    noted = {one.public: one.in_use for one in scene.centre.hub.state["keeping"].log_keys.values()}
    assert noted == {first: False, second: True}
    scene.close()


def test_a_rotation_while_another_process_holds_the_record_is_made_up_for_at_the_start(tmp_path):
    scene = Scene(tmp_path)
    key("rotate", "--reason", "it was time", "--data", str(tmp_path), code=2)
    second = open_keys(tmp_path / KEYS_FILE).vkey
    scene.close()
    again = Scene(tmp_path)
    noted = {one.public: one.in_use for one in again.centre.hub.state["keeping"].log_keys.values()}
    assert noted[second]
    assert list(noted.values()).count(True) == 1
    again.close()
