"""The page of HTTP: every route of the console's application, and every refusal it has itself."""

from __future__ import annotations

import ast
from pathlib import Path

import answerable.console
from tools.reference.plain import join, table

CONSOLE = Path(str(answerable.console.__file__)).parent


def refusals(folder: Path = CONSOLE) -> dict[str, tuple[int, str]]:
    """Return code -> (status, sentences) of every refusal written in the console's modules."""
    found: dict[str, tuple[int, str]] = {}
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                _add(found, node)
    return dict(sorted(found.items()))


def _add(found: dict[str, tuple[int, str]], call: ast.Call) -> None:
    if len(call.args) < 2:
        return
    status, code = call.args[0], call.args[1]
    if not (isinstance(code, ast.Constant) and str(code.value).startswith("console.")):
        return
    number = status.value if isinstance(status, ast.Constant) else 0
    found[str(code.value)] = (
        int(str(number)), " ".join(_sentence(arg) for arg in call.args[2:])
    )  # fmt: skip


def _sentence(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
    return "…"


def page() -> str:
    """Every route with its method and purpose, then the refusals."""
    rows = [(method, f"`{path}`", what) for method, path, what in routes()]
    told = [
        (f"`{code}`", str(status) if status else "4xx", text)
        for code, (status, text) in refusals().items()
    ]
    return join(
        "# HTTP",
        "Times are whole microseconds since 1970, UTC. A refusal is one JSON object with `code`, "
        "`not_done`, `because` and `instead`. Statuses: 201 recorded, 400 not read, 401 nobody is "
        "signed in, 403 not given to the role, 404 no such thing, 409 refused by the rules (see "
        "[Refusals](refusals.md)), 413 too large, 503 the record cannot take it now.",
        "## Routes",
        table(("method", "path", "what for"), rows),
        "## Refusals of the door",
        "Besides those of the rooms.",
        table(("code", "status", "says"), told),
    )


def routes(folder: Path = CONSOLE) -> list[tuple[str, str, str]]:
    """Return (method, path, purpose) of every route declared in the console's modules."""
    found = set()
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found |= {_route(node, mark) for mark in node.decorator_list if _is_route(mark)}
    return sorted(found, key=lambda one: (one[1], one[0]))


def _is_route(mark: ast.expr) -> bool:
    return (
        isinstance(mark, ast.Call)
        and getattr(mark.func, "id", "") in ("get", "post", "asgi")
        and bool(mark.args)
        and isinstance(mark.args[0], ast.Constant)
    )


def _route(node: ast.FunctionDef | ast.AsyncFunctionDef, mark: ast.expr) -> tuple[str, str, str]:
    assert isinstance(mark, ast.Call)
    assert isinstance(mark.func, ast.Name)
    assert isinstance(mark.args[0], ast.Constant)
    method = mark.func.id.upper()
    if method == "ASGI":
        method = next((m for m in _constants(node) if m in ("GET", "POST")), "any")
    text = (ast.get_docstring(node) or node.name.replace("_", " ")).split("\n")[0]
    return method, str(mark.args[0].value), text.replace("``", "`")


def _constants(node: ast.AST) -> list[str]:
    return [
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
