"""The import contracts of pyproject.toml hold, and each of them catches what it is for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.house import ROOT

PACKAGES = (
    "kernel", "record", "place", "towns", "access", "standards", "intake", "dispatch", "handover",
    "followup", "matters", "measure",
    "aside", "exchange", "client", "console",
)  # fmt: skip
FILES = ("words", "rules", "views", "pages")
KERNEL = ("hub", "desk", "ids", "clock", "event")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the contracts of this repository over the package in a folder."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--config", str(ROOT / "pyproject.toml")],
        cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def named() -> list[tuple[str, str]]:
    """Return the modules that the contracts name one by one, as package and module."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.findall(r'"answerable\.(\w+)\.(\w+)"', text)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A package of the same shape as the product, with nothing in it."""
    root = tmp_path / "answerable"
    for package in PACKAGES:
        (root / package).mkdir(parents=True)
        for name in ("__init__", *(KERNEL if package == "kernel" else FILES)):
            (root / package / f"{name}.py").write_text("")
    for package, name in named():
        (root / package).mkdir(parents=True, exist_ok=True)
        (root / package / "__init__.py").write_text("")
        (root / package / f"{name}.py").write_text("")
    for name in ("__init__", "rooms", "aside"):
        (root / f"{name}.py").write_text("")
    return tmp_path


def test_an_empty_house_keeps_every_contract(house):
    done = lint(house)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("intake/words.py", "import answerable.dispatch.words", "Time flows one way"),
        ("record/words.py", "import answerable.place.words", "Time flows one way"),
        ("kernel/hub.py", "import answerable.record.words", "Time flows one way"),
        ("dispatch/rules.py", "import sqlite3", "Rules are pure"),
        ("dispatch/rules.py", "import asyncio", "Rules are pure"),
        ("dispatch/views.py", "import random", "Rules are pure"),
        ("dispatch/words.py", "import answerable.kernel.hub", "Rules are pure"),
        ("dispatch/rules.py", "import answerable.record.words", "Rules are pure"),
        ("dispatch/rules.py", "import answerable.intake.rules", "A room reads the words"),
        ("dispatch/pages.py", "import answerable.intake.views", "A room reads the words"),
        ("kernel/desk.py", "import sqlite3", "The kernel knows no web"),
        ("client/words.py", "import answerable.intake.rules", "The client knows"),
        ("client/words.py", "import answerable.kernel.hub", "The client knows"),
        ("client/words.py", "import answerable.exchange.words", "Time flows one way"),
        ("exchange/words.py", "import answerable.client.words", "Time flows one way"),
    ],
)
def test_a_wrong_import_breaks_its_contract(house, file, line, contract):
    (house / "answerable" / file).write_text(line + "\n")
    done = lint(house)
    assert done.returncode == 1
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(text.startswith(contract) for text in broken), done.stdout


def test_a_package_that_stands_in_no_layer_is_caught(house):
    (house / "answerable" / "attic").mkdir()
    (house / "answerable" / "attic" / "__init__.py").write_text("")
    assert "attic" in lint(house).stdout
