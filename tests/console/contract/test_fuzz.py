"""The contract holds against whatever a program sends: no fault, and only answers it describes."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import ignored_auth

from answerable.console.contract.openapi import document
from answerable.rooms import product

CONTRACT = schemathesis.openapi.from_dict(document(product()))
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
    return {"cookie": served.cookie("supervisor")}


@CONTRACT.exclude(path=NO_END).parametrize()
@settings(
    max_examples=40, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
def test_every_answer_is_one_that_the_contract_describes(case, served, signed_in):
    case.call_and_validate(base_url=served.url, headers=signed_in, excluded_checks=[ignored_auth])
