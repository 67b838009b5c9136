"""Runs the outsider's verifier on a log of the benchmarks."""

from __future__ import annotations

import json

from answerable.record.verify import main
from benchmarks.verify import SIGNER

KEY = SIGNER.verifier.vkey


def verified(capsys, *words: object) -> tuple[int, dict]:
    """Run the verifier; returns its exit code and what it found."""
    code = main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)
