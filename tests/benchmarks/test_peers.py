"""The load for peers: each file is whole, a real server takes it, and an error is never speed."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.console.bench.server import served
from benchmarks.peers import __main__ as peers

FOLDER = Path(peers.__file__).parent
FILES = sorted(FOLDER.glob("*.toml"))


class Toy(http.server.BaseHTTPRequestHandler):
    """A peer that has incidents and units, and breaks when it is told to."""

    protocol_version = "HTTP/1.1"
    made = 0
    broken = False

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["content-length"])))
        assert told["scope"].startswith("measured load")
        Toy.made += 1
        self.answer(500 if Toy.broken else 201, {"ok": True, "data": {"id": Toy.made}})

    def do_PATCH(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        assert self.headers["authorization"] == "Bearer tcad_x"
        self.answer(200, {"ok": self.path.endswith("/responders/77/status")})

    def answer(self, status: int, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def toy(monkeypatch) -> Iterator[str]:
    monkeypatch.setattr(Toy, "broken", False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Toy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_there_are_the_first_peer_and_ourselves():
    assert {path.stem for path in FILES} >= {"ticketscad", "answerable"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_peers_file_is_whole(path: Path):
    peer = peers.Peer.read(path)
    names = [step.name for step in peer.step]
    assert {"create", "status"} <= set(names)
    assert len(set(names)) == len(names)


def test_a_peer_takes_the_load(toy: str, capsys):
    given = ["--set", "unit=77", "--set", "type=7", "--set", "status=1", "--token", "tcad_x"]
    file = str(FOLDER / "ticketscad.toml")
    assert peers.main([file, "--url", toy, *given, "--clients", "2", "--seconds", "0.3"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["one_client_p50_ms"]) == set(told["per_s"]) == {"create", "status"}
    assert told["all_per_s"] > 0


def test_an_error_of_the_peer_is_never_counted_as_speed(toy: str, capsys, monkeypatch):
    monkeypatch.setattr(Toy, "broken", True)
    file = str(FOLDER / "ticketscad.toml")
    given = ["--set", "unit=77", "--set", "type=7", "--set", "status=1"]
    assert peers.main([file, "--url", toy, *given, "--seconds", "0.2"]) == 2
    assert "create answered 500, not 201" in capsys.readouterr().err


def test_what_nobody_gave_and_what_is_not_there_is_told(toy: str, capsys, tmp_path):
    file = str(FOLDER / "ticketscad.toml")
    assert peers.main([file, "--url", toy]) == 2
    assert "Nothing fills {type}" in capsys.readouterr().err
    assert peers.main([file, "--url", "here"]) == 2
    assert "no http://" in capsys.readouterr().err
    assert peers.main([str(tmp_path / "none.toml"), "--url", toy]) == 2
    assert "is no peer's file" in capsys.readouterr().err
    with pytest.raises(peers.PeerRefused, match="has no data"):
        peers.found({"ok": True}, "data.id")


def test_our_own_server_takes_it_too(capsys):
    with served("san_francisco", 1) as server:
        url = f"http://{server.host}:{server.port}"
        file = str(FOLDER / "answerable.toml")
        given = ["--url", url, "--token", server.tokens[0], "--clients", "2", "--seconds", "0.5"]
        assert peers.main([file, *given]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["per_s"]["create"] > 0
