"""The repository is clean: no registry, no machine, nothing left to do later."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.house import ROOT

VENDORED = ("static/vendor/", "tests/console/vendor/")
# written in two parts, so that this file is as clean as the others
HOSTS = [
    "py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com",
    "yarn" + "pkg.com", "deb.deb" + "ian.org", "crates" + ".io/api", "proxy.gol" + "ang.org",
    "anaconda" + ".org", "jsde" + "livr.net", "unp" + "kg.com", "cdn" + "js.cloudflare.com",
]  # fmt: skip
MACHINE = re.compile("|".join(["/wo" + "rk/", "/ro" + "ot/", "/opt/py" + "pi", "/opt/whe" + "els",
                               "/ho" + r"me/\w+", "/Us" + r"ers/\w+"]))  # fmt: skip
LATER = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK",
                                      "NotImplemented" + "Error", "lorem" + " ipsum",
                                      "not yet " + "implemented"]) + r")\b")  # fmt: skip


def committed() -> list[Path]:
    """Return the text files of the repository, or of the folder where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    if listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        top = ("src", "tests", "tools", "docs", "benchmarks")
        paths = [p for folder in top for p in (ROOT / folder).rglob("*") if p.is_file()]
    return [path for path in paths if path.is_file() and is_text(path)]


def is_text(path: Path) -> bool:
    """Say whether a file holds text."""
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return "\0" not in path.read_text(encoding="utf-8")[:4096]


def unclean(text: str) -> list[str]:
    """Return what a text should not hold."""
    found = [host for host in HOSTS if host in text]
    found += [match[0] for match in MACHINE.finditer(text)]
    return found + [match[0] for match in LATER.finditer(text)]


def test_no_registry_no_machine_and_nothing_left_for_later():
    own = [p for p in committed() if not any(part in p.as_posix() for part in VENDORED)]
    faults = {
        str(path.relative_to(ROOT)): found
        for path in own
        if (found := unclean(path.read_text(encoding="utf-8")))
    }
    assert faults == {}


def hollow(text: str) -> list[str]:
    """Return the functions that do nothing, besides those of protocols and abstract classes."""
    tree = ast.parse(text)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and _is_protocol(node):
            for part in ast.walk(node):
                part.spared = True  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if function and not hasattr(node, "spared") and _does_nothing(node):
            found.append(node.name)
    return found


def _is_protocol(node: ast.ClassDef) -> bool:
    return any("Protocol" in ast.unparse(base) for base in node.bases)


def _does_nothing(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return bool(body) and all(
        isinstance(step, ast.Pass)
        or (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant))
        for step in body
    )


@pytest.mark.parametrize(
    "path", sorted((ROOT / "src").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_function_is_hollow(path):
    assert hollow(path.read_text(encoding="utf-8")) == []


def test_the_locks_have_a_hash_for_everything_and_no_address():
    for name in ("requirements.lock", "requirements-checks.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        packages = re.findall(r"^[a-z0-9][\w.-]*==\S+ \\$", text, re.MULTILINE)
        pinned = re.findall(r"^[a-z0-9][\w.-]*==", text, re.MULTILINE)
        assert len(packages) == len(pinned) > 20
        assert "://" not in text
        assert not re.search(r"^--", text, re.MULTILINE)


def test_the_lock_of_the_checks_agrees_with_the_lock_of_the_product():
    product, checks = (
        dict(re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.lock", "requirements-checks.lock")
    )
    assert {name: checks.get(name) for name in product} == product


def unmet(wanted: list[str], locked: dict[str, str]) -> list[str]:
    """Return the requirements that a lock does not meet."""
    requirements = [Requirement(text) for text in wanted]
    return [
        str(one)
        for one in requirements
        if not one.specifier.contains(locked.get(one.name.lower(), "0"))
    ]


def test_the_locks_hold_what_the_package_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    text = (ROOT / "requirements-checks.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", text, re.MULTILINE))
    wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
    assert unmet(wanted, locked) == [], "run: make lock"
    assert unmet(project["project"]["optional-dependencies"]["checks"], locked) == []


# -- the rules are shown to catch ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["--index-url https://" + "py" + "pi.org/simple", "path = '/wo" + "rk/main'", "# TO" + "DO: it",
     "raise NotImplemented" + "Error"],
)  # fmt: skip
def test_what_should_not_be_there_is_caught(text):
    assert unclean(text) != []
    assert unclean("A calm sentence about work and roots.") == []


def test_a_lock_left_behind_is_caught():
    assert unmet(["msgspec>=0.22,<0.23"], {"msgspec": "0.22.0"}) == []
    assert unmet(["msgspec>=0.23"], {"msgspec": "0.22.0"}) == ["msgspec>=0.23"]
    assert unmet(["orjson>=3"], {"msgspec": "0.22.0"}) == ["orjson>=3"]


@pytest.mark.parametrize("body", ["pass", "...", '"""Only says so."""\n    pass'])
def test_a_hollow_function_is_caught(body):
    assert hollow(f"def f():\n    {body}\n") == ["f"]
    assert hollow(f"class A(Protocol):\n    def f(self):\n        {body.split(chr(10))[0]}\n") == []
