"""B15: the documentation matches the code, its links lead somewhere, its examples run."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from answerable.console.cli import main
from answerable.kernel.refusals import KERNEL_REFUSALS
from answerable.rooms import product
from tests.house.manual import Example, anchors, broken_links, examples
from tools.docs import REFERENCE, stale, write
from tools.house import ROOT
from tools.reference import commandline, settings
from tools.reference.pages import NOTE, pages

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLES = [example for page in PAGES for example in examples(page)]
ROOMS = product()


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def reference(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_b15_the_reference_is_what_the_code_says():
    assert stale() == [], "run: make docs"


def test_every_command_event_and_refusal_has_its_heading():
    for name, codes in (
        ("commands.md", ROOMS.commands),
        ("events.md", ROOMS.events),
        ("refusals.md", [*ROOMS.refusals, *(cls.code for cls in KERNEL_REFUSALS)]),
    ):
        headings = {line[4:] for line in reference(name).splitlines() if line.startswith("### ")}
        assert headings == set(codes)


def test_every_command_of_the_command_line_and_every_option_is_there():
    page = reference("command-line.md")
    for name, command in commandline.commands().items():
        assert f"## answerable {name}\n" in page
        assert all(option.name in page for option in commandline.options(command))


@pytest.mark.parametrize("name", list(commandline.commands()))
def test_every_command_has_help(name, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["answerable", *name.split(), "--help"])
    monkeypatch.setenv("COLUMNS", "120")
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert name in capsys.readouterr().out


def test_help_comes_from_the_installed_program_too():
    told = subprocess.run(
        [sys.executable, "-m", "answerable.console.cli", "--help"],
        capture_output=True, text=True, check=True, env=os.environ | {"COLUMNS": "120"},
    )  # fmt: skip
    assert all(name.split()[0] in told.stdout for name in commandline.commands())


OTHER_FILES = [
    part
    for part in settings.files.PARTS
    if part.struct and part not in (settings.files.TOWN, settings.files.HOLIDAYS)
]


def test_every_setting_is_there():
    for page, cls in (
        ("call-mapping.md", settings.mapping.Mapping),
        ("town.md", settings.model.TownFile),
        ("town-holidays.md", settings.holidays.HolidaysFile),
        *(("town-files.md", part.struct) for part in OTHER_FILES),
        ("standard.md", settings.standards.Standard),
        ("rights.md", settings.authority.Rights),
    ):
        for struct in settings.structs_in(cls):
            assert struct.__name__.lower() in anchors(reference(page))
            assert all(f"`{key}`" in reference(page) for key in struct.__struct_encode_fields__)


def test_the_readme_has_exactly_two_set_up_commands():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line.strip() for line in lines if line.startswith("    ")] == ["make demo", "make test"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page):
    assert broken_links(page, ROOT) == []


@pytest.mark.parametrize("page", [p for p in PAGES if "docs" in p.parts], ids=name_of)
def test_every_page_of_the_manual_can_be_reached_from_its_index(page):
    assert page in reachable(ROOT / "docs" / "index.md")


@functools.cache
def reachable(start: Path) -> set[Path]:
    """Return the pages that can be reached by links from a page."""
    from tests.house.manual import LINK, prose

    seen, edge = {start}, [start]
    while edge:
        page = edge.pop()
        for match in LINK.finditer(prose(page.read_text(encoding="utf-8"))):
            target = (match[1] or match[2] or "").partition("#")[0]
            path = (page.parent / target).resolve()
            if target.endswith(".md") and "://" not in target and path not in seen:
                seen.add(path)
                edge += [path] if path.exists() else []
    return seen


def run(example: Example, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run an example in an empty folder, with the product's commands on the path."""
    python = [sys.executable, "-c"] if example.block.info.startswith("python") else ["bash", "-euc"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [*python, example.block.text], cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"PATH": path, "COLUMNS": "100"}, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{name_of(example.page)}:{example.block.line}"
)
def test_every_example_runs_and_prints_what_the_page_says(example, tmp_path):
    done = run(example, tmp_path)
    assert done.returncode == 0, done.stderr
    if example.output is not None:
        assert done.stdout == example.output


# -- the rules are shown to catch ------------------------------------------------------------


def test_a_page_that_does_not_match_the_code_is_caught(tmp_path):
    write(tmp_path)
    assert stale(tmp_path) == []
    events = tmp_path / "events.md"
    events.write_text(events.read_text() + "\n### intake.CallSang\n")
    (tmp_path / "left-over.md").write_text(f"{NOTE}\n\n# Gone\n")
    (tmp_path / "by-hand.md").write_text("# Written by hand\n")
    assert stale(tmp_path) == ["events.md", "left-over.md"]
    assert write(tmp_path) == ["events.md", "left-over.md"]
    assert stale(tmp_path) == []
    assert {p.name for p in tmp_path.iterdir()} == {*pages(), "by-hand.md"}


def test_a_broken_link_is_caught(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A page\n[a](page.md) [b](gone.md) [c](#a-page) [d](#no) [e](../out.md)\n")
    assert broken_links(page, tmp_path) == ["gone.md", "#no", "../out.md"]


@pytest.mark.parametrize(
    ("text", "code", "printed"),
    [
        ("```python tested\nprint(1)\n```\n```output\n1\n```\n", 0, "1\n"),
        ("```sh tested\nfalse\n```\n", 1, ""),
        ("```sh\nrm everything\n```\n", None, ""),
    ],
)
def test_an_example_that_fails_is_caught(tmp_path, text, code, printed):
    page = tmp_path / "page.md"
    page.write_text(text)
    found = list(examples(page))
    assert len(found) == (code is not None)
    for example in found:
        done = run(example, tmp_path)
        assert (done.returncode, done.stdout) == (code, printed)
