"""Sealed words have one door: one caller of ``unseal``, and nothing keyed or found by a word."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.kernel.event import Command, sealed_fields
from answerable.rooms import product
from tools.house import ROOT

SOURCE = ROOT / "src" / "answerable"
GATE = "console/reading.py"
BELOW = ("record/", "kernel/store.py", "planning/")
"""Where ``unseal`` is made, not asked: the stores; and the simulated town, which checks them."""
ROOMS = product()
WORDS = {name for event in ROOMS.events.values() for name in sealed_fields(event)}
COUNTS = frozenset({"number"})
"""A sealed field whose name also stands for a count or a position elsewhere."""


def files(folder: Path = SOURCE) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield str(path.relative_to(folder)), ast.parse(path.read_text(encoding="utf-8"))


def callers(folder: Path = SOURCE) -> set[str]:
    """Return the files in which ``unseal`` is taken from anything."""
    return {
        name
        for name, module in files(folder)
        if not name.startswith(BELOW)
        for node in ast.walk(module)
        if (isinstance(node, ast.Attribute) and node.attr == "unseal")
        or (isinstance(node, ast.Constant) and node.value == "unseal")
    }


def test_unseal_has_one_caller():
    assert callers() == {GATE}


def strings(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def indexed(sql: str) -> set[str]:
    """Return the columns of every index and key in SQL."""
    found = re.findall(
        r"(?:CREATE (?:UNIQUE )?INDEX \w+ ON \w+|PRIMARY KEY|UNIQUE) \(([^)]*)\)", sql
    )
    return {column.strip().split()[0] for part in found for column in part.split(",")}


def test_no_index_of_the_record_is_over_a_sealed_value():
    for path in (SOURCE / "record" / "sql").glob("*.sql"):
        sql = path.read_text(encoding="utf-8")
        assert not indexed(sql) & (WORDS - COUNTS | {"box", "nonce", "secret", "value"}), path.name


def parameters(module: ast.Module) -> set[str]:
    """Return the names in routes and the names of query parameters that a module asks for."""
    found: set[str] = set()
    for text in strings(module):
        if text.startswith("/"):
            found |= set(re.findall(r"\{(\w+)(?::\w+)?\}", text))
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            owner = getattr(node.func, "value", None)
            if getattr(owner, "attr", "") == "query_params" and node.args:
                found |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
            if getattr(node.func, "attr", "") == "asked" and len(node.args) > 1:
                found |= {c.value for c in ast.walk(node.args[1]) if isinstance(c, ast.Constant)}
    return {one for one in found if isinstance(one, str)}


def test_no_address_and_no_parameter_is_a_sealed_field():
    asked = {name: parameters(module) & WORDS for name, module in files(SOURCE / "console")}
    assert {name: found for name, found in asked.items() if found} == {}


def logged(module: ast.Module) -> Iterator[ast.Call]:
    """Yield the calls that write to a log or make a metric."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = getattr(node.func.value, "id", "")
        if owner in ("log", "logger", "logging") or node.func.attr in ("gauge", "counter"):
            yield node


def tells(call: ast.Call) -> set[str]:
    """Return the sealed fields that a call reads from anything."""
    return {
        node.attr
        for node in ast.walk(call)
        if isinstance(node, ast.Attribute) and node.attr in WORDS - COUNTS
    }


def test_no_log_line_and_no_metric_reads_a_sealed_field():
    found = {
        name: tells(call) for name, module in files() for call in logged(module) if tells(call)
    }
    assert found == {}


ORDERED = (dict, set, frozenset)


def keyed(module: ast.Module) -> set[str]:
    """Return the sealed fields by which something is looked up, put, or compared."""
    found: set[str] = set()
    for node in ast.walk(module):
        places: list[ast.expr] = []
        if isinstance(node, ast.Subscript):
            places = [node.slice]
        elif isinstance(node, ast.Compare):
            places = [node.left, *node.comparators]
        elif isinstance(node, ast.DictComp):
            places = [node.key]
        found |= {
            part.attr
            for place in places
            for part in ast.walk(place)
            if isinstance(part, ast.Attribute) and part.attr in WORDS - COUNTS
            and getattr(part.value, "id", "") in ("event", "command", "row", "one")
        }  # fmt: skip
    return found


@pytest.mark.parametrize("room", [room.name for room in ROOMS.folds])
def test_no_fold_and_no_rule_keys_or_compares_by_a_sealed_field(room):
    arms = next(fold for fold in ROOMS.folds if fold.name == room).arms.table.values()
    modules = {Path(arm.__code__.co_filename) for arm in arms}
    for path in {one for module in modules for one in module.parent.glob("*.py")}:
        assert keyed(ast.parse(path.read_text(encoding="utf-8"))) == set(), path.name


def test_no_command_looks_anything_up_by_a_sealed_field():
    """Commands name a matter by its number; sealed words are only ever carried in."""
    for command in ROOMS.commands.values():
        asking = {"ReadSealed", "OpenArchived", "AskErasure", "EraseDue"}
        if command.__name__ in asking:
            assert not set(command.__struct_fields__) & WORDS
    assert issubclass(Command, object)


# -- the rules are shown to catch ------------------------------------------------------------


def test_a_second_caller_is_caught(tmp_path):
    (tmp_path / "console").mkdir()
    for name, text in (
        ("reading.py", "store.unseal(1, 'words')"), ("board.py", "f = front.hub.store.unseal"),
        ("sly.py", "getattr(store, 'unseal')(1, 'words')"),
    ):  # fmt: skip
        (tmp_path / "console" / name).write_text(text)
    assert callers(tmp_path) == {"console/reading.py", "console/board.py", "console/sly.py"}


@pytest.mark.parametrize(
    "text",
    ["get('/callers/{number:str}')", "request.query_params.get('words', '')",
     "query.asked(scope, ('after', 'door'))"],
)  # fmt: skip
def test_an_address_by_a_sealed_field_is_caught(text):
    assert parameters(ast.parse(text)) & WORDS


@pytest.mark.parametrize(
    "text",
    ["log.info('heard %s', event.words)", "logging.warning(f'{command.door}')",
     "self.gauge(command.words)"],
)  # fmt: skip
def test_a_log_line_or_metric_of_a_sealed_field_is_caught(text):
    assert all(tells(call) for call in logged(ast.parse(text)))
    assert list(logged(ast.parse(text)))


@pytest.mark.parametrize(
    "text",
    ["state.by[event.door] = 1", "if event.words == other: pass", "{one.words: 1 for one in all_}"],
)
def test_a_fold_by_a_sealed_field_is_caught(text):
    assert keyed(ast.parse(text))


def test_an_index_over_a_sealed_value_is_caught():
    assert indexed("CREATE INDEX by_words ON sealed (box, field);") == {"box", "field"}
    assert "words" in indexed("CREATE TABLE x (words TEXT, PRIMARY KEY (words));")
