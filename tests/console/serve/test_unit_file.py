"""The systemd unit: it verifies, it is shut in, and it says what the command line understands."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from answerable.console.cli import app
from answerable.console.running import GRACE_S

ROOT = Path(__file__).resolve().parents[3]
UNIT = ROOT / "deploy" / "answerable.service"
SHUT_IN = {
    "ProtectSystem": "strict", "NoNewPrivileges": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "ProtectHome": "yes", "ProtectKernelTunables": "yes",
    "ProtectControlGroups": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes",
    "CapabilityBoundingSet": "", "StateDirectory": "answerable", "StateDirectoryMode": "0700",
    "UMask": "0077", "Restart": "on-failure", "RestartPreventExitStatus": "2",
    "KillSignal": "SIGTERM", "User": "answerable",
}  # fmt: skip
ANALYZE = shutil.which("systemd-analyze")


def unit() -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(UNIT.read_text(encoding="utf-8"))
    return read


def test_the_service_is_shut_in_and_starts_again_where_that_helps():
    service = unit()["Service"]
    assert {name: service.get(name) for name in SHUT_IN} == SHUT_IN
    assert int(service["TimeoutStopSec"]) > 2 * GRACE_S, "a snapshot has time to be written"


def test_what_it_starts_is_a_command_there_is():
    words = unit()["Service"]["ExecStart"].split()
    command, options = words[1], [word for word in words if word.startswith("--")]
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
    assert options
    assert [
        option for option in options if option not in re.sub(r"\x1b\[[0-9;]*m", "", shown)
    ] == []


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not here; the unit is parsed above")
def test_systemd_finds_nothing_wrong_with_it(tmp_path):
    program = tmp_path / "answerable"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    here = tmp_path / "answerable.service"
    text = re.sub(r"ExecStart=\S+", f"ExecStart={program}", UNIT.read_text(encoding="utf-8"))
    here.write_text(text)
    done = subprocess.run([ANALYZE, "verify", "--man=no", here], capture_output=True, text=True,
                          timeout=60, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    here.write_text(text.replace("ProtectSystem=strict", "ProtectSystem=sturdy"))
    done = subprocess.run([ANALYZE, "verify", "--man=no", here], capture_output=True, text=True,
                          timeout=60, check=False)  # fmt: skip
    assert "sturdy" in done.stderr, "the check is shown to hurt"
