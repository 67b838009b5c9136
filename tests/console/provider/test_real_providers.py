"""Signing in at real providers, each a process of its own, through a real service."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from answerable.console.control import reached
from tests.console.serve.scene import Server, serving

MODULES = Path(os.environ.get("ANSWERABLE_NODE_MODULES", Path(__file__).parent / "node_modules"))
NODE = shutil.which("node")
SUBJECT, CLIENT, SECRET = "ada@example.org", "answerable", "geheimes-wort"
HERE = Path(__file__).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(*command: str, ready: str, folder: Path, **env: str) -> Iterator[None]:
    """Run a provider until the scene is over."""
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               cwd=folder, env=os.environ | env)  # fmt: skip
    try:
        until_s = time.monotonic() + 30
        while time.monotonic() < until_s and running.poll() is None:
            try:
                if httpx.get(ready, trust_env=False, timeout=2).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.05)
        else:
            raise AssertionError("the provider did not begin")
        yield
    finally:
        running.terminate()
        running.wait(10)


def settings(folder: Path, issuer: str, public: str, port: int) -> Path:
    secret = folder / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    path = folder / "serve.toml"
    path.write_text(
        f'town = "san_francisco"\ndata = "data"\npublic_url = "{public}"\nport = {port}\n'
        f'[provider]\nissuer = "{issuer}"\nclient_id = "{CLIENT}"\nsecret_file = "secret"\n'
    )
    return path


def open_account(data: Path) -> None:
    with reached(data) as centre:
        answer = centre.ask({"command": {
            "type": "access.OpenAccount", "key": "open-ada", "account": "ada",
            "role": "dispatcher", "provider": True, "subject": SUBJECT,
        }})  # fmt: skip
    assert "recorded" in answer


def signed_in(browser: httpx.Client, public: str, answer: httpx.Response) -> None:
    """Go on from the provider's answer as a browser does, and see that one is signed in."""
    assert answer.status_code == 200, answer.text
    assert 'http-equiv="refresh"' in answer.text
    page = browser.get(f"{public}/account")
    assert page.status_code == 200
    assert "ada" in page.text


@contextmanager
def service(folder: Path, issuer: str, port: int) -> Iterator[Server]:
    public = f"http://127.0.0.1:{port}"
    open_account(folder / "data")
    path = settings(folder, issuer, public, port)
    with serving(folder, "--settings", str(path), "--port", str(port)) as server:
        assert server.printed == public
        yield server


def test_the_provider_of_the_checks_proves_who_it_is(tmp_path):
    """oidc-provider-mock: also a person it knows and we do not, and one who says no."""
    at, port = free_port(), free_port()
    issuer, public = f"http://127.0.0.1:{at}", f"http://127.0.0.1:{port}"
    command = (sys.executable, "-m", "oidc_provider_mock", "-p", str(at))
    ready = f"{issuer}/.well-known/openid-configuration"
    with (
        process(*command, ready=ready, folder=tmp_path),
        service(tmp_path, issuer, port) as server,
    ):

        def go(form: dict[str, str]) -> tuple[httpx.Client, httpx.Response]:
            browser = httpx.Client(trust_env=False, timeout=20)
            out = browser.get(f"{public}/sign-in/provider?back=/units")
            back = browser.post(out.headers["location"], data=form)
            assert back.status_code == 302, back.text
            return browser, browser.get(back.headers["location"])

        signed_in(*_with(go({"sub": SUBJECT}), public))
        _, eve = go({"sub": "eve@example.org"})
        assert (eve.status_code, "no open account" in eve.text) == (403, True)
        _, no = go({"action": "deny"})
        assert no.status_code in (400, 403)
        log = server.log
        assert "way=provider" in log
        for secret in (SUBJECT, "eve@example.org", SECRET, "code="):
            assert secret not in log.replace("code=console", "")


def _with(came: tuple[httpx.Client, httpx.Response], public: str):
    browser, answer = came
    return browser, public, answer


@pytest.mark.skipif(
    not NODE or not (MODULES / "oidc-provider").is_dir(),
    reason="npm install oidc-provider, and name its node_modules in ANSWERABLE_NODE_MODULES",
)
def test_an_independent_provider_proves_who_it_is(tmp_path):
    """npm's oidc-provider, which wants PKCE, basic authentication and the exact way back."""
    at, port = free_port(), free_port()
    issuer, public = f"http://127.0.0.1:{at}", f"http://127.0.0.1:{port}"
    (tmp_path / "node_modules").symlink_to(MODULES)
    shutil.copy(HERE / "independent.mjs", tmp_path)
    told = json.dumps({"port": at, "client_id": CLIENT, "client_secret": SECRET,
                       "redirect_uri": f"{public}/sign-in/provider/back"})  # fmt: skip
    ready = f"{issuer}/.well-known/openid-configuration"
    with (
        process(NODE, "independent.mjs", told, ready=ready, folder=tmp_path),
        service(tmp_path, issuer, port),
        httpx.Client(trust_env=False, timeout=20, follow_redirects=True) as browser,
    ):
        page = browser.get(f"{public}/sign-in/provider?back=/units")
        page = submitted(browser, page, {"login": SUBJECT, "password": "anything"})
        page = submitted(browser, page, {})  # it asks for consent
        signed_in(browser, public, page)


def submitted(browser: httpx.Client, page: httpx.Response, given: dict[str, str]) -> httpx.Response:
    """Fill in and send the first form of a page."""
    form = re.search(r"<form[^>]*action=\"([^\"]+)\".*?</form>", page.text, re.S)
    assert form, page.text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    return browser.post(urljoin(str(page.url), form[1]), data=hidden | given)
