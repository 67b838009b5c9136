"""The contract holds against whatever a program sends: no fault, and only answers it describes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import ignored_auth

from answerable.console.contract.openapi import document
from answerable.rooms import product

CONTRACT = schemathesis.openapi.from_dict(document(product()))
IN_NO_SCHEMA = (
    "two rules of cover have the same code", "are not in order, each once",
    "work_s and within_s go together",
)  # fmt: skip
"""Refused in words where JSON Schema has none: one field among several must differ, or rise."""
NO_END = "/api/stream"
"""An answer that never ends cannot be read to its end; test_reading.py asks it."""


def whole(part: Any) -> Any:
    """Return JSON with its whole numbers written without a point, as the contract asks."""
    if isinstance(part, dict):
        return {name: whole(value) for name, value in part.items()}
    if isinstance(part, list):
        return [whole(value) for value in part]
    return int(part) if isinstance(part, float) and part.is_integer() else part


@CONTRACT.hook
def map_body(_context, body):
    return whole(body)


@pytest.fixture(scope="module")
def signed_in(served) -> dict[str, str]:
    return {"authorization": f"Bearer {served.token('supervisor')}"}


@CONTRACT.exclude(path=NO_END).parametrize()
@settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
def test_every_answer_is_one_that_the_contract_describes(case, served, signed_in):
    answer = case.call(base_url=served.url, headers=signed_in)
    if answer.status_code == 400 and any(words in answer.text for words in IN_NO_SCHEMA):
        return
    # ignored_auth takes one of two ways to sign in away and leaves the other
    case.validate_response(answer, headers=signed_in, excluded_checks=[ignored_auth])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        (method, path.replace("{incident}", "1"))
        for path, operations in CONTRACT.raw_schema["paths"].items()
        for method in operations
    ],
)
def test_nobody_is_let_in_and_a_token_that_is_none_spoils_a_good_cookie(served, method, path):
    cookie = {"cookie": served.cookie("supervisor")}
    for headers in (
        {},
        cookie | {"authorization": "Bearer ans_none_1"},
        {"cookie": "answerable=x"},
    ):
        answer = httpx.request(method, served.url + path, headers=headers, timeout=20)
        assert answer.status_code == 401
        assert answer.json()["code"] in ("console.NotSignedIn", "console.BadToken")
        assert answer.headers["www-authenticate"].startswith("Bearer")
