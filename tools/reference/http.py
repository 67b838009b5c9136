"""The page of HTTP: every route of the console's application, and every refusal it has itself."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import answerable.console
from answerable.console.contract.openapi import SSE, STATUSES, document
from answerable.rooms import product
from tools.reference.plain import join, table

CONSOLE = Path(str(answerable.console.__file__)).parent
CODES_SHOWN = 9


def refusals(folder: Path = CONSOLE) -> dict[str, tuple[int, str]]:
    """Return code -> (status, sentences) of every refusal written in the console's modules."""
    found: dict[str, tuple[int, str]] = {}
    for path in sorted(folder.rglob("*.py")):
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
    others = [one for one in routes() if not one[1].startswith("/api/")]
    rows = [(method, f"`{path}`", what) for method, path, what in others]
    told = [
        (f"`{code}`", str(status) if status else "4xx", text)
        for code, (status, text) in refusals().items()
    ]
    return join(
        "# HTTP",
        "Times are whole microseconds since 1970, UTC. A refusal is one JSON object with `code`, "
        "`not_done`, `because` and `instead`. How to use it is in "
        "[Talk to the API](../howto/talk-to-the-api.md); `GET /api/schema` says all of it to a "
        "program, as OpenAPI 3.1.",
        "## For programs",
        *contract(),
        "## Pages and streams",
        table(("method", "path", "what for"), rows),
        "## Refusals of the door",
        "Besides those of the rooms.",
        table(("code", "status", "says"), told),
    )


def contract() -> list[str]:
    """Every operation of the contract with its parameters and its answers."""
    made = document(product())
    parts = []
    for path, operations in made["paths"].items():
        for method, told in operations.items():
            parts += _operation(method.upper(), path, told)
    parts += ["### The stream", SSE, "### Statuses"]
    parts.append(table(("status", "means"), [(str(s), text) for s, text in STATUSES.items()]))
    return parts


def _operation(method: str, path: str, told: dict[str, Any]) -> list[str]:
    parameters = [
        (f"`{one['name']}`", one["in"], one["description"]) for one in told.get("parameters", ())
    ]
    answers = [
        (status, answer["description"], _codes(answer))
        for status, answer in told["responses"].items()
    ]
    return [
        f"### {method} {path}",
        told["summary"] + " " + told.get("requestBody", {}).get("description", ""),
        table(("parameter", "where", "what it is"), parameters),
        table(("status", "means", "codes"), answers),
    ]


def _codes(answer: dict[str, Any]) -> str:
    schema = next(iter(answer["content"].values()))["schema"]
    codes = schema.get("allOf", [{}])[-1].get("properties", {}).get("code", {}).get("enum", [])
    if len(codes) > CODES_SHOWN:
        return "those of the [rooms](refusals.md)"
    return ", ".join(f"`{code}`" for code in codes)


def routes(folder: Path = CONSOLE) -> list[tuple[str, str, str]]:
    """Return (method, path, purpose) of every route declared in the console's modules."""
    found = set()
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found |= {_route(node, mark) for mark in node.decorator_list if _is_route(mark)}
    return sorted(found, key=lambda one: (one[1], one[0]))


def _is_route(mark: ast.expr) -> bool:
    return (
        isinstance(mark, ast.Call)
        and getattr(mark.func, "id", "") in ("get", "post", "asgi", "route")
        and bool(mark.args)
        and isinstance(mark.args[0], ast.Constant)
    )


def _route(node: ast.FunctionDef | ast.AsyncFunctionDef, mark: ast.expr) -> tuple[str, str, str]:
    assert isinstance(mark, ast.Call)
    assert isinstance(mark.func, ast.Name)
    assert isinstance(mark.args[0], ast.Constant)
    method = mark.func.id.upper()
    if method in ("ASGI", "ROUTE"):
        method = "POST" if mark.args[0].value == "/api/commands" else "GET"
    text = (ast.get_docstring(node) or node.name.replace("_", " ")).split("\n")[0]
    return method, str(mark.args[0].value), text.replace("``", "`")
