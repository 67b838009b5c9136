"""The command line speaks the caller's language, and English wherever it has no other."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from answerable.console import tongue
from answerable.console.access_cli import _columns, width


@pytest.mark.parametrize(
    ("words", "environment", "tag"),
    [
        ([], {}, ""),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "C"),
        ([], {"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW@x"}, "zh-TW"),
        (["--lang", "zh-CN", "demo"], {"LANG": "en_GB"}, "zh-CN"),
        (["--lang=en", "demo"], {"LANG": "zh_CN"}, "en"),
        (["send", "--lang"], {"LANG": "zh_CN"}, "zh-CN"),
        (["--lang"], {"LANG": "zh_CN"}, ""),
    ],
)
def test_the_language_is_the_one_asked_for_else_that_of_the_environment(words, environment, tag):
    assert tongue.asked(words, environment) == tag


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("", "1 error"),
        ("C", "1 error"),
        ("xx", "1 error"),
        ("zh-CN", "1 个错误"),
        ("zh", "1 个错误"),
    ],
)
def test_a_language_there_is_is_spoken_and_any_other_is_english(wanted, said):
    try:
        tongue.speak(wanted)
        assert tongue.said("1 error") == said
    finally:
        tongue.speak("")


def answerable(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program as people do, in a window wide enough for its sentences."""
    code = "from answerable.console.cli import main; main()"
    kept = {k: v for k, v in os.environ.items() if k not in tongue.FROM}
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False,
        env=kept | {"COLUMNS": "200", "PYTHONUTF8": "1"} | environment,
    )  # fmt: skip


def test_help_and_answers_of_the_real_program_are_in_the_language_of_the_environment(tmp_path):
    told = answerable("account", "open", "--help", LANG="zh_CN.UTF-8").stdout
    for words in (
        "用法：",
        "开设一个账户",
        "权限表中的一个角色",
        "显示本帮助并退出",
        "参数",
        "选项",
    ):
        assert words in told
    assert not {"Usage", "Show this message", "Options"} & set(told.split())
    checked = answerable("town", "check", str(tmp_path), LC_ALL="zh_CN.UTF-8")
    assert checked.returncode == 1
    assert "town.toml: 错误: 缺少 town.toml：城镇的名称、时区" in checked.stdout
    assert "个错误" in checked.stdout.splitlines()[-1]


def test_an_option_stands_above_the_environment_and_one_there_is_not_is_refused():
    told = answerable("--lang", "en", "fsck", "--help", LANG="zh_CN.UTF-8").stdout
    assert "Read a whole record again" in told
    refused = answerable("--lang", "xx", "fsck", "--help")
    assert refused.returncode == 2
    assert "There is no language xx here. Give one of: en, zh-CN." in refused.stderr


def test_chinese_stands_in_columns():
    assert (width("ada"), width("可以登录")) == (3, 8)
    lines = _columns([("可以登录", "a"), ("ready", "b")]).splitlines()
    assert [width(line) for line in lines] == [11, 11]


def test_what_the_centre_refuses_the_operator_comes_in_the_language_of_the_command(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    told = answerable("account", "close", "nobody", "--reason", "gone", "--data", str(data),
                      LANG="zh_CN.UTF-8")  # fmt: skip
    assert told.returncode == 1, told.stderr
    assert "nobody" in told.stderr
    assert not any("a" <= one <= "z" for one in told.stderr.replace("nobody", ""))
    english = answerable("account", "close", "nobody", "--reason", "gone", "--data", str(data))
    assert english.stderr.startswith("Not ")


def test_a_record_that_cannot_take_a_command_says_so_in_the_askers_language():
    from answerable.console.language import language
    from answerable.console.sanity import unavailable

    chinese = language("zh-CN")
    for text in (
        "Not recorded. 4096 commands are already waiting. Send it again with the same key in a "
        "moment.",
        "Not recorded. The record failed and the centre is starting again. Send it again with the "
        "same key in a few seconds.",
    ):
        refusal = unavailable(RuntimeError(text))
        assert " ".join(refusal.parts) == text
        assert "".join(refusal.said(chinese)).isascii() is False
        assert not any("a" <= one <= "z" for one in "".join(refusal.said(chinese)))
