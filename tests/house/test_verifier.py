"""The outsider's verifier is one file that needs the standard library of Python 3.9 and nothing."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from answerable.record import verify
from benchmarks.verify import SIGNER, lay

FILE = Path(str(verify.__file__))
OLDEST = (3, 9)
NEWER = {"bit_count", "StrEnum", "UTC", "pairwise", "batched", "ExceptionGroup",
         "TaskGroup", "Self", "override", "slots", "kw_only", "strict"}  # fmt: skip
"""Names of the standard library, and of its arguments, that the oldest Python does not have."""


def imported(text: str) -> set[str]:
    """Return the top packages a module's text imports; "." for a relative one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." if node.level else (node.module or "").partition(".")[0])
    return found


def strange(text: str) -> set[str]:
    """Return what a module imports besides the standard library."""
    return imported(text) - set(sys.stdlib_module_names)


def too_new(text: str) -> list[str]:
    """Return what of a module's text the oldest Python does not know. Raises SyntaxError."""
    tree = ast.parse(text, feature_version=OLDEST)
    names = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    names += [node.arg or "" for node in ast.walk(tree) if isinstance(node, ast.keyword)]
    return [name for name in names if name in NEWER]


def test_the_verifier_imports_only_the_standard_library():
    assert strange(FILE.read_text("utf-8")) == set()


def test_the_verifier_is_written_for_python_3_9():
    text = FILE.read_text("utf-8")
    assert too_new(text) == []
    assert "from __future__ import annotations" in text


def test_the_verifier_runs_alone_from_any_folder_without_site_packages(tmp_path):
    lay(tmp_path / "log", 300)
    alone = shutil.copyfile(FILE, tmp_path / "verify.py")
    command = [sys.executable, "-I", "-S", alone, tmp_path / "log", "--key", SIGNER.verifier.vkey]
    told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert "Every entry gives its leaf" in told.stdout
    wrong = subprocess.run([*command[:4], "--nonsense"], capture_output=True, check=False)
    assert wrong.returncode == 2


# -- the rules are shown to catch ----------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    ["import msgspec", "from answerable.record import tree", "from . import tree",
     "from cryptography import x509"],
)  # fmt: skip
def test_another_library_is_caught(line):
    assert strange(f"import os\n{line}\n") != set()


@pytest.mark.parametrize("line", ["(5).bit_count()", "datetime.UTC", "zip(a, b, strict=True)"])
def test_what_is_too_new_is_caught(line):
    assert too_new(line) != []


def test_syntax_that_is_too_new_is_caught():
    with pytest.raises(SyntaxError):
        too_new("match x:\n    case 1:\n        y = 1\n")
