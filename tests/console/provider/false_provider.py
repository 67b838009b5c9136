"""A provider that can be told to misbehave, on the loopback, in a thread of its own."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "answerable", "geheim:wort+mit%zeichen"


KEY = RSAKey.generate_key(2048, {"kid": "one"})


def _text(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


class FalseProvider:
    """Signs what it is told to. ``claims`` are laid over the right ones; None removes one."""

    def __init__(self) -> None:
        self.key, self.kid = KEY, "one"
        self.shown = self.key
        self.claims: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.answers: dict[str, Callable[[], tuple[int, bytes]]] = {}
        self.slow_s: dict[str, float] = {}
        self.asked: list[tuple[str, dict[str, str], str]] = []
        self.nonce, self.changed = "", {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer("")

            def do_POST(self) -> None:
                size = int(self.headers["content-length"])
                self.answer(self.rfile.read(size).decode())

            def answer(self, form: str) -> None:
                what = self.path.rsplit("/", 1)[-1]
                given = {k: v[0] for k, v in parse_qs(form).items()}
                provider.asked.append((what, given, self.headers.get("authorization", "")))
                time.sleep(provider.slow_s.get(what, 0))
                status, body = provider.answers.get(what, lambda: provider.usual(what))()
                try:
                    self.send_response(status)
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # whoever asked has left

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def usual(self, what: str) -> tuple[int, bytes]:
        told = {
            "openid-configuration": lambda: {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize?tenant=7",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
                **self.changed,
            },
            "keys": lambda: KeySet([self.shown]).as_dict(private=False),
            "token": lambda: {"id_token": self.id_token(), "token_type": "Bearer",
                              "access_token": "a"},
        }[what]()  # fmt: skip
        return 200, json.dumps(told).encode()

    def id_token(self) -> str:
        now_s = int(time.time())
        claims = {"iss": self.url, "sub": "ada@example.org", "aud": CLIENT, "iat": now_s,
                  "exp": now_s + 300, "nonce": self.nonce}  # fmt: skip
        claims = {k: v for k, v in (claims | self.claims).items() if v is not None}
        header = {"alg": self.algorithm, "kid": self.kid}
        if self.algorithm == "none":
            return ".".join(_text(json.dumps(part).encode()) for part in (header, claims)) + "."
        if self.algorithm == "HS256":  # the public key taken for a shared secret
            signed = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
            mac = hmac.digest(self.shown.as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{_text(mac)}"
        return jwt.encode(header, claims, self.key, algorithms=["RS256", "PS256"])

    def times(self, what: str) -> int:
        return sum(1 for asked, _, _ in self.asked if asked == what)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
